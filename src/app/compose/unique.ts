import { composeProblem } from "../../errors/compose.ts";
import type { Wrong } from "./merge.ts";
import { parseMountSpec } from "./mount-spec.ts";
import { itemKey, PathRules } from "./path-rules.ts";
import { isMap, textAt, type Value, type ValueMap } from "./value.ts";

/** Identifies an item of a list; undefined for an item without an identity. */
type Identity = (item: Value) => string | undefined;

/** Later items replace earlier ones with the same identity. */
export const withoutRepeated = (map: ValueMap, wrong: Wrong): ValueMap =>
  IDENTITIES.rewrite(map, (value, identity, path) => {
    if (!Array.isArray(value)) return value;
    const items = new Map<string, Value>();
    for (const [index, item] of value.entries()) {
      const key = identity(item) ?? wrong([...path, itemKey(index)], problemOf(item, path.at(-1)));
      items.set(key, item);
    }
    return [...items.values()];
  });

function problemOf(item: Value, key: string | undefined): string {
  if (isMap(item)) return composeProblem.missing([key === "env_file" ? "path" : "target"]);
  return key === "volumes" ? composeProblem.mount() : composeProblem.expected("a string");
}

const byName: Identity = (item) => (typeof item === "string" ? item.split("=", 1)[0] : undefined);

const byTarget: Identity = (item) => (typeof item === "string" ? parseMountSpec(item)?.target : target(item));

const target = (item: Value) => (isMap(item) ? textAt(item, "target") : "");

const byDevice: Identity = (item) => {
  const [source, path] = typeof item === "string" ? item.split(":") : [];
  return path ?? source ?? target(item);
};

const byPort: Identity = (item) => {
  if (!isMap(item)) return typeof item === "string" || typeof item === "bigint" ? String(item) : "";
  const { target: port, published = null, host_ip: host = "0.0.0.0", protocol = "tcp" } = item;
  return port === undefined ? undefined : [host, typeof published, published, port, protocol].map(String).join(" ");
};

const byExposed: Identity = (item) => (typeof item === "string" || typeof item === "bigint" ? String(item) : undefined);

const byFile =
  (folder: string): Identity =>
  (item) => {
    if (typeof item === "string") return `${folder}/${item}`;
    return isMap(item) ? (textAt(item, "target") ?? `${folder}/${textAt(item, "source") ?? ""}`) : undefined;
  };

const byPath: Identity = (item) => (isMap(item) ? textAt(item, "path") : typeof item === "string" ? item : "");

const IDENTITIES = new PathRules<Identity>({
  "networks.*.labels": byName,
  "networks.*.ipam.options": byName,
  ...Object.fromEntries(
    Object.entries({
      annotations: byName,
      "build.additional_contexts": byName,
      "build.args": byName,
      "build.labels": byName,
      "build.tags": byName,
      cap_add: byName,
      cap_drop: byName,
      configs: byFile(""),
      "deploy.labels": byName,
      devices: byDevice,
      dns: byName,
      dns_opt: byName,
      dns_search: byName,
      env_file: byPath,
      environment: byName,
      expose: byExposed,
      labels: byName,
      links: byName,
      "networks.*.aliases": byName,
      "networks.*.link_local_ips": byName,
      ports: byPort,
      profiles: byName,
      secrets: byFile("/run/secrets"),
      sysctls: byName,
      tmpfs: byName,
      volumes: byTarget,
    }).map(([key, identity]) => [`services.*.${key}`, identity]),
  ),
});
