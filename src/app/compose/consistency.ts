import { composeProblem } from "../../errors/compose.ts";
import { fileProblem } from "../../errors/manifest.ts";
import type { Wrong } from "./merge.ts";
import { itemKey } from "./path-rules.ts";
import type { ComposeProject } from "./project.ts";
import type { ComposeService } from "./service.ts";

/** Services with active profiles, and the others. */
export interface Services {
  readonly enabled: Readonly<Record<string, ComposeService>>;
  readonly disabled: Readonly<Record<string, ComposeService>>;
}

/** Checks what services refer to, and settings that exclude each other. */
export function checkConsistency({ enabled, disabled }: Services, project: ComposeProject, wrong: Wrong): void {
  for (const [name, service] of Object.entries(enabled)) {
    const at = (...keys: string[]) => ["services", name, ...keys];
    checkImage(service, at(), wrong);
    checkReferences(service, project, at(), wrong);
    for (const [other, { required }] of Object.entries(service.depends_on ?? {})) {
      if (!(other in enabled) && !(other in disabled && !required))
        wrong(at("depends_on", other), composeProblem.noService(other, undefined));
    }
    const [, shared] = /^service:(.*)$/s.exec(service.network_mode ?? "") ?? [];
    if (shared !== undefined && !(shared in enabled))
      wrong(at("network_mode"), composeProblem.noService(shared, undefined));
    for (const [context, value] of Object.entries(service.build?.additional_contexts ?? {})) {
      const [, target] = /^service:(.*)$/s.exec(value) ?? [];
      if (target !== undefined && !enabled[target]?.build)
        wrong(at("build", "additional_contexts", context), composeProblem.noService(target, undefined));
    }
    checkLimits(service, at(), wrong);
    checkMounts(service, at(), wrong);
  }
  checkSecrets(project, wrong);
  checkCycle(enabled, wrong);
}

type At = readonly string[];

function checkImage(
  { image, build, platform, provider }: ComposeService & { readonly provider?: unknown },
  at: At,
  wrong: Wrong,
) {
  if (!build && !image && !provider) wrong(at, fileProblem.missing(at.at(-1) ?? "", ["image", "build"]));
  if (build?.dockerfile && build.dockerfile_inline)
    wrong([...at, "build"], composeProblem.exclusive(["dockerfile", "dockerfile_inline"]));
  if (build?.platforms && platform && !build.platforms.includes(platform))
    wrong([...at, "build", "platforms"], fileProblem.missing("platforms", [platform]));
}

function checkReferences(service: ComposeService, project: ComposeProject, at: At, wrong: Wrong) {
  const { networks = {}, volumes = [], secrets = [], configs = [], build, network_mode: mode, healthcheck } = service;
  if (mode && Object.keys(networks).length > 0)
    wrong([...at, "networks"], composeProblem.exclusive(["network_mode", "networks"]));
  const check = (kind: "networks" | "volumes" | "secrets" | "configs", key: string, path: At) => {
    if (!(key in (project[kind] ?? {}))) wrong(path, composeProblem.undeclared(key, kind));
  };
  for (const key of Object.keys(networks)) check("networks", key, [...at, "networks", key]);
  for (const [index, { type, source }] of volumes.entries()) {
    if (type === "volume" && source) check("volumes", source, [...at, "volumes", itemKey(index)]);
  }
  for (const [index, { source = "" }] of configs.entries())
    check("configs", source, [...at, "configs", itemKey(index)]);
  for (const [index, { source = "" }] of secrets.entries())
    check("secrets", source, [...at, "secrets", itemKey(index)]);
  for (const { source = "" } of build?.secrets ?? []) check("secrets", source, [...at, "build", "secrets"]);
  const [kind = "CMD"] = healthcheck?.test ?? [];
  if (!["CMD", "CMD-SHELL", "NONE"].includes(kind))
    wrong(
      [...at, "healthcheck", "test"],
      fileProblem.expected("test", '"CMD", "CMD-SHELL" or "NONE" as the first item'),
    );
}

function checkLimits(service: ComposeService, at: At, wrong: Wrong) {
  const { deploy, scale, container_name: name } = service;
  const { limits, reservations } = deploy?.resources ?? {};
  const distinct = (key: string, value: unknown, other: unknown, path: string) => {
    if (value !== other) wrong([...at, key], composeProblem.distinct(key, path));
  };
  if (scale !== undefined && deploy?.replicas !== undefined)
    distinct("scale", scale, deploy.replicas, "deploy.replicas");
  if ((scale ?? 0) < 0) wrong([...at, "scale"], fileProblem.expected("scale", "a number from 0"));
  if ((deploy?.replicas ?? 0) < 0)
    wrong([...at, "deploy", "replicas"], fileProblem.expected("replicas", "a number from 0"));
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

function checkSecrets({ secrets = {} }: ComposeProject, wrong: Wrong) {
  for (const [name, { external, file, environment }] of Object.entries(secrets)) {
    if (!external && !file && !environment)
      wrong(["secrets", name], fileProblem.missing(name, ["file", "environment"]));
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
