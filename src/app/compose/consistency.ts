import { composeProblem } from "../../errors/compose.ts";
import { quoted } from "../../text/quoted.ts";
import type { Wrong } from "./merge.ts";
import { itemKey } from "./path-rules.ts";
import type { ComposeProject } from "./project.ts";
import type { ComposeService } from "./service.ts";

/** Everything that services may refer to. */
export interface WholeProject extends ComposeProject {
  /** Compose does not print them. */
  readonly models?: Readonly<Record<string, unknown>>;
}

/** Services with active profiles, and the others. */
export interface Services {
  readonly enabled: Readonly<Record<string, ComposeService>>;
  readonly disabled: Readonly<Record<string, ComposeService>>;
}

/** Checks what services refer to, and settings that exclude each other. */
export function checkConsistency({ enabled, disabled }: Services, project: WholeProject, wrong: Wrong): void {
  for (const [name, service] of Object.entries(enabled)) {
    const at = (...keys: string[]) => ["services", name, ...keys];
    checkImage(service, at(), wrong);
    checkReferences(service, project, at(), wrong);
    for (const [other, { required }] of Object.entries(service.depends_on ?? {})) {
      if (!has(enabled, other) && !(has(disabled, other) && !required))
        wrong(at("depends_on", other), unavailable(other, disabled));
    }
    const [, shared] = /^service:(.*)$/s.exec(service.network_mode ?? "") ?? [];
    if (shared !== undefined && !has(enabled, shared)) wrong(at("network_mode"), unavailable(shared, disabled));
    for (const [context, value] of Object.entries(service.build?.additional_contexts ?? {})) {
      const [, target] = /^service:(.*)$/s.exec(value) ?? [];
      if (target !== undefined && !(has(enabled, target) && enabled[target]?.build))
        wrong(at("build", "additional_contexts", context), composeProblem.noService(target, undefined));
    }
    checkLimits(service, at(), wrong);
    checkMounts(service, at(), wrong);
    checkWatch(service, at("develop", "watch"), wrong);
  }
  checkSecrets(project, wrong);
  checkCycle(enabled, wrong);
}

const has = (map: object, key: string) => Object.hasOwn(map, key);

const unavailable = (name: string, disabled: Services["disabled"]) =>
  has(disabled, name) ? composeProblem.disabled(name) : composeProblem.noService(name, undefined);

type At = readonly string[];

function checkImage({ image, build, platform, provider }: ComposeService, at: At, wrong: Wrong) {
  if (!build && !image && !provider) wrong(at, composeProblem.missing(["image", "build"]));
  if (build?.dockerfile && build.dockerfile_inline)
    wrong([...at, "build"], composeProblem.exclusive(["dockerfile", "dockerfile_inline"]));
  if (build?.platforms && platform && !build.platforms.includes(platform))
    wrong([...at, "build", "platforms"], composeProblem.expected(quoted(platform)));
}

function checkReferences(service: ComposeService, project: WholeProject, at: At, wrong: Wrong) {
  const {
    networks = {},
    volumes = [],
    secrets = [],
    configs = [],
    models = {},
    build,
    network_mode: mode,
    healthcheck,
  } = service;
  if (mode && Object.keys(networks).length > 0)
    wrong([...at, "networks"], composeProblem.exclusive(["network_mode", "networks"]));
  const check = (kind: "networks" | "volumes" | "secrets" | "configs" | "models", key: string, path: At) => {
    if (!has(project[kind] ?? {}, key)) wrong(path, composeProblem.undeclared(key, kind));
  };
  for (const key of Object.keys(networks)) check("networks", key, [...at, "networks", key]);
  for (const [index, { type, source }] of volumes.entries()) {
    if (type === "volume" && source) check("volumes", source, [...at, "volumes", itemKey(index)]);
  }
  for (const [index, { source = "" }] of configs.entries())
    check("configs", source, [...at, "configs", itemKey(index)]);
  for (const [index, { source = "" }] of secrets.entries())
    check("secrets", source, [...at, "secrets", itemKey(index)]);
  for (const key of Object.keys(models)) check("models", key, [...at, "models", key]);
  for (const { source = "" } of build?.secrets ?? []) check("secrets", source, [...at, "build", "secrets"]);
  const [kind = "CMD"] = healthcheck?.test ?? [];
  if (!["CMD", "CMD-SHELL", "NONE"].includes(kind))
    wrong([...at, "healthcheck", "test"], composeProblem.expected('"CMD", "CMD-SHELL" or "NONE" as the first item'));
}

function checkLimits(service: ComposeService, at: At, wrong: Wrong) {
  const { deploy, scale, container_name: name } = service;
  const { limits, reservations } = deploy?.resources ?? {};
  const distinct = (key: string, value: unknown, other: unknown, path: string) => {
    if (value !== other) wrong([...at, key], composeProblem.distinct(key, path));
  };
  if (scale !== undefined && deploy?.replicas !== undefined)
    distinct("scale", scale, deploy.replicas, "deploy.replicas");
  if ((scale ?? 0) < 0) wrong([...at, "scale"], composeProblem.expected("a number from 0"));
  if ((deploy?.replicas ?? 0) < 0) wrong([...at, "deploy", "replicas"], composeProblem.expected("a number from 0"));
  if (service.cpus && limits) distinct("cpus", service.cpus, limits.cpus, "deploy.resources.limits.cpus");
  if (service.mem_limit && limits)
    distinct("mem_limit", service.mem_limit, limits.memory, "deploy.resources.limits.memory");
  if (service.mem_reservation && reservations)
    distinct("mem_reservation", service.mem_reservation, reservations.memory, "deploy.resources.reservations.memory");
  if (service.pids_limit && limits)
    distinct("pids_limit", service.pids_limit, limits.pids, "deploy.resources.limits.pids");
  if (name && (scale ?? deploy?.replicas ?? 1) > 1)
    wrong([...at, "container_name"], composeProblem.exclusive(["container_name", "scale"]));
}

/** Two mounts of a service have different targets. */
function checkMounts({ tmpfs = [], volumes = [] }: ComposeService, at: At, wrong: Wrong) {
  const targets = new Set<string>();
  const check = (target: string, path: At) => {
    if (targets.has(target)) wrong(path, composeProblem.sameTarget(target));
    targets.add(target);
  };
  for (const [index, line] of tmpfs.entries()) check(line.split(":", 1)[0] ?? "", [...at, "tmpfs", itemKey(index)]);
  for (const [index, { target = "" }] of volumes.entries()) check(target, [...at, "volumes", itemKey(index)]);
}

/** @param services the ones that are used. */
export function checkContainerNames(services: Services["enabled"], wrong: Wrong): void {
  const names = new Set<string>();
  for (const [service, { container_name: name }] of Object.entries(services)) {
    if (name !== undefined && names.has(name))
      wrong(["services", service, "container_name"], composeProblem.sameName(name));
    if (name !== undefined) names.add(name);
  }
}

function checkWatch({ develop }: ComposeService, at: At, wrong: Wrong) {
  for (const [index, { action, target }] of (develop?.watch ?? []).entries()) {
    if (!target && action !== "rebuild" && action !== "restart")
      wrong([...at, itemKey(index)], composeProblem.missing(["target"]));
  }
}

function checkSecrets({ secrets = {} }: ComposeProject, wrong: Wrong) {
  for (const [name, { external, file, environment }] of Object.entries(secrets)) {
    if (!external && !file && !environment) wrong(["secrets", name], composeProblem.missing(["file", "environment"]));
  }
}

function checkCycle(services: Services["enabled"], wrong: Wrong) {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]) => {
    const start = path.indexOf(name);
    if (start >= 0) wrong(["services", name, "depends_on"], composeProblem.cycle([...path.slice(start), name]));
    if (done.has(name)) return;
    for (const other of Object.keys(services[name]?.depends_on ?? {}).sort()) visit(other, [...path, name]);
    done.add(name);
  };
  for (const name of Object.keys(services).sort()) visit(name, []);
}
