import { posix } from "node:path";
import type { Inherited } from "../env.ts";
import { isMap, listAt, mapAt, mapOf, textAt, type Value, type ValueMap } from "./value.ts";

/**
 * Adds what a project implies: the default network, dependencies, names on the engine, values from the environment.
 * @param environment without it, variables without a value are kept.
 */
export function normalize(map: ValueMap, project: string, environment: Inherited | undefined): ValueMap {
  const services = mapOf(
    Object.entries(mapAt(map, "services") ?? {}).map(
      ([name, service]) => [name, normalService(service as ValueMap, environment)] as const,
    ),
  );
  const needsDefault = Object.values(services).some(
    (service) => "default" in (mapAt(service as ValueMap, "networks") ?? {}),
  );
  const networks = mapAt(map, "networks") ?? mapOf([]);
  return mapOf([
    ...Object.entries(map),
    ["services", services],
    ...(["volumes", "secrets", "configs"] as const).flatMap((key) => {
      const declared = mapAt(map, key);
      return declared ? [[key, named(declared, project)] as const] : [];
    }),
    ["networks", named(needsDefault ? mapOf([["default", null], ...Object.entries(networks)]) : networks, project)],
  ]);
}

/** The name of a resource is its key, after the project's name unless it is external. */
const named = (resources: ValueMap, project: string) =>
  mapOf(
    Object.entries(resources).map(([key, value]) => {
      const resource = isMap(value) ? value : mapOf([]);
      const name = resource.external === true ? key : `${project}_${key}`;
      return [key, mapOf([...Object.entries(resource), ["name", resource.name ?? name]])] as const;
    }),
  );

function normalService(service: ValueMap, environment: Inherited | undefined): ValueMap {
  const build = mapAt(service, "build");
  const networks = mapAt(service, "networks");
  const hasNetworks = networks !== undefined && Object.keys(networks).length > 0;
  const isConnected = !("provider" in service) && !("network_mode" in service);
  const dependsOn = dependencies(service);
  return mapOf([
    ...Object.entries(service),
    ...(isConnected && !hasNetworks ? [["networks", mapOf([["default", null]])] as const] : []),
    ...(service.pull_policy === "if_not_present" ? [["pull_policy", "missing"] as const] : []),
    ...(build ? [["build", normalBuild(build, environment)] as const] : []),
    ...("environment" in service
      ? [["environment", withInherited(service.environment ?? null, environment ?? {}, true)] as const]
      : []),
    ...("volumes" in service ? [["volumes", listAt(service, "volumes").map(withCleanTarget)] as const] : []),
    ...(Object.keys(dependsOn).length > 0 ? [["depends_on", dependsOn] as const] : []),
  ]);
}

function normalBuild(build: ValueMap, environment: Inherited | undefined): ValueMap {
  const hasFile = (build.dockerfile ?? build.dockerfile_inline ?? null) !== null;
  return mapOf([
    ...Object.entries(build),
    ["context", build.context ?? "."],
    ...(hasFile ? [] : [["dockerfile", "Dockerfile"] as const]),
    ...("args" in build
      ? [["args", withInherited(build.args ?? null, environment ?? {}, environment === undefined)] as const]
      : []),
  ]);
}

/** Takes the values of names without one from the environment. @param isKept whether other names are kept. */
export function withInherited(value: Value, environment: Inherited, isKept: boolean): Value {
  const inherited = (name: string) => (Object.hasOwn(environment, name) ? environment[name] : undefined);
  if (Array.isArray(value))
    return value.flatMap((item) => {
      if (typeof item !== "string" || item.includes("=")) return [item];
      const found = inherited(item);
      return found === undefined ? (isKept ? [item] : []) : [`${item}=${found}`];
    });
  if (!isMap(value)) return value;
  return mapOf(
    Object.entries(value).flatMap(([name, item]) => {
      const found = item ?? inherited(name) ?? null;
      return found === null && !isKept ? [] : [[name, found] as const];
    }),
  );
}

const withCleanTarget = (mount: Value): Value => {
  const target = isMap(mount) ? textAt(mount, "target") : undefined;
  if (!isMap(mount) || target === undefined) return mount;
  return mapOf([...Object.entries(mount), ["target", posix.normalize(target).replace(/(?<=.)\/$/, "")]]);
};

/** Links, shared namespaces and volumes of other services are dependencies, too. */
function dependencies(service: ValueMap): ValueMap {
  const implied = (name: string, restart: boolean) =>
    [
      name,
      mapOf([
        ["condition", "service_started"],
        ["restart", restart],
        ["required", true],
      ]),
    ] as const;
  const texts = (key: string) => listAt(service, key).filter((item) => typeof item === "string");
  const links = texts("links").map((link) => {
    const [name = "", , ...more] = link.split(":");
    return implied(more.length === 0 ? name : link, true);
  });
  const shared = ["network_mode", "ipc", "pid", "uts", "cgroup"].flatMap((key) => {
    const [, name] = /^service:(.*)$/s.exec(textAt(service, key) ?? "") ?? [];
    return name === undefined ? [] : [implied(name, true)];
  });
  const volumes = texts("volumes_from")
    .filter((item) => !item.startsWith("container:"))
    .map((item) => implied(item.split(":", 1)[0] ?? "", false));
  const declared = Object.entries(mapAt(service, "depends_on") ?? {});
  // The first of several with the same name is used.
  return mapOf([...links, ...shared, ...volumes].toReversed().concat(declared as never));
}
