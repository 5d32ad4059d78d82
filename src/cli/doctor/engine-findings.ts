import { placeOf } from "../../engine/endpoint/endpoint.ts";
import type { EndpointLink } from "../../engine/endpoint/endpoint-chain.ts";
import type { EngineInfo, EngineVersion } from "../../engine/system.ts";
import { compareVersions, FLOOR, PREFERRED } from "../../engine/version.ts";
import { formatShortfall } from "../../oneoff/apps/degraded.ts";
import { formatDuration } from "../../output/units.ts";
import { type EngineFacts, type Finding, fail, ok, type SocketFacts, warn } from "./facts.ts";
import { swarmFindings } from "./swarm-findings.ts";

/** The engine's address and its source. */
export function endpointFindings(chain: readonly EndpointLink[]): Finding[] {
  const won = chain.find((link) => link.won);
  if (!won) return [];
  if (won.error) return [fail("endpoint", won.error.message, won.error.next)];
  const passed = chain.slice(chain.indexOf(won) + 1).filter(({ says, endpoint }) => says && endpoint);
  const others = passed.map(({ source, says }) => `${source} ${says}`).join(", ");
  const place = won.endpoint ? placeOf(won.endpoint) : "";
  return [ok("endpoint", `${place}, from ${won.source}${others && ` (overrides ${others})`}`)];
}

/** The group of the socket. Whether the socket is usable is a check of the engine. */
export function socketFindings(socket: SocketFacts | undefined): Finding[] {
  if (!socket) return [];
  const { group, mode, isIn, isMember } = socket;
  const text = `for the group ${group}, mode ${mode}`;
  if (isIn) return [ok("socket", `${text}; you are in it`)];
  if (!isMember) return [ok("socket", `${text}; you are not in it`)];
  return [
    warn("socket", `${text}; you are in it, but this session started before`, `newgrp ${group}, or log in again`),
  ];
}

/** Maximum difference of the clocks in seconds. */
const MAX_SKEW_S = 5;

export function engineFindings({ error, version, info, skew, oneoffs, processes, swarm }: EngineFacts): Finding[] {
  if (error) return [fail("engine", error.message, error.next)];
  if (!version || !info) return [];
  return [
    ...apiFindings(version, info),
    ...driverFindings(info),
    ...initFindings(info),
    ...logFindings(info, isPodman(version)),
    ...memoryFindings(info),
    ...(skew === undefined ? [] : [skewFinding(skew)]),
    ...(swarm ? swarmFindings(swarm) : []),
    ...(oneoffs ? [oneoffsFinding(oneoffs)] : []),
    ...(processes ? processFindings(processes) : []),
  ];
}

const isPodman = ({ Components }: EngineVersion) => Components?.some(({ Name }) => /podman/i.test(Name)) ?? false;

const isRootless = ({ SecurityOptions }: EngineInfo) =>
  SecurityOptions?.some((option) => /name=rootless/.test(option)) ?? false;

function apiFindings(version: EngineVersion, info: EngineInfo): Finding[] {
  const { OperatingSystem, DriverStatus } = info;
  const { ApiVersion, MinAPIVersion = FLOOR, Version, Os, Arch } = version;
  const kinds = [
    isPodman(version) ? "Podman" : "Docker Engine",
    ...(isRootless(info) ? ["rootless"] : []),
    ...(DriverStatus?.some(([, value]) => /containerd\.snapshotter/.test(value)) ? ["containerd's image store"] : []),
  ];
  const [kind, ...more] = kinds;
  const facts = [
    `${kind} ${Version}`,
    ...more,
    `API ${ApiVersion}`,
    `${Os}/${Arch}`,
    ...(OperatingSystem ? [OperatingSystem] : []),
  ];
  const text = facts.join(", ");
  if (compareVersions(ApiVersion, FLOOR) < 0)
    return [fail("engine", `${text}: oneoff needs API ${FLOOR}`, "install Docker Engine 20.10 or newer")];
  if (compareVersions(MinAPIVersion, PREFERRED) > 0)
    return [
      fail(
        "engine",
        `${text}: the engine requires API ${MinAPIVersion}, and oneoff uses ${PREFERRED}`,
        "install a newer oneoff",
      ),
    ];
  return [ok("engine", text)];
}

/** Storage drivers that copy files, or that engines have removed. */
const POOR_DRIVERS = /^(vfs|aufs|devicemapper)$/;

function driverFindings({ Driver }: EngineInfo): Finding[] {
  if (!Driver) return [];
  if (!POOR_DRIVERS.test(Driver)) return [ok("storage", Driver)];
  return [
    warn(
      "storage",
      `${Driver} slows down every start`,
      'set "storage-driver": "overlay2" in the engine\'s daemon.json',
    ),
  ];
}

function initFindings({ InitBinary, InitCommit }: EngineInfo): Finding[] {
  if (!InitBinary) return [];
  if (InitCommit?.ID !== "N/A") return [ok("init", InitBinary)];
  return [
    warn(
      "init",
      `the engine cannot run ${InitBinary}; without it, one-offs run without an init process`,
      `install docker-init on the engine's host, or set "init-path" in its daemon.json to tini, or use --no-init`,
    ),
  ];
}

function logFindings({ Plugins }: EngineInfo, podman: boolean): Finding[] {
  const drivers = Plugins?.Log ?? [];
  if (podman || drivers.length === 0) return [];
  // The driver "none" of attached one-offs is built in and not listed.
  if (drivers.includes("local")) return [ok("logs", drivers.join(", "))];
  return [
    warn(
      "logs",
      `no log driver local (only ${drivers.join(", ")}): detached one-offs may fail to start`,
      "set run.log in oneoff.yaml to one of these drivers",
    ),
  ];
}

function memoryFindings(info: EngineInfo): Finding[] {
  const rootless = isRootless(info);
  // A rootless engine cannot limit memory with cgroup v1, although Podman reports that it can.
  if (info.MemoryLimit !== false && !(rootless && info.CgroupVersion === "1")) return [];
  return [
    warn(
      "memory",
      "the engine cannot limit memory: --memory and --size are not enforced",
      rootless
        ? "boot the engine's host with cgroup v2 (systemd.unified_cgroup_hierarchy=1), and delegate memory to its user (Delegate= in user@.service)"
        : "boot the engine's host with cgroup_enable=memory",
    ),
  ];
}

function skewFinding(skew: number): Finding {
  const seconds = Math.round(Math.abs(skew));
  if (seconds <= MAX_SKEW_S) return ok("clock", "the clocks of the engine and this machine agree");
  const text = `the engine's clock is ${formatDuration(seconds)} ${skew > 0 ? "ahead of" : "behind"} this machine's: oneoff prints times of the engine`;
  return warn("clock", text, "timedatectl set-ntp true (on both machines)");
}

function oneoffsFinding({ live, overdue, volumes }: NonNullable<EngineFacts["oneoffs"]>): Finding {
  const text = `${live} running, ${overdue || "none"} overdue`;
  if (volumes > 0)
    return warn("one-offs", `${text}, ${volumes} ${volumes === 1 ? "volume" : "volumes"} left`, "oneoff reap");
  return overdue === 0 ? ok("one-offs", text) : warn("one-offs", text, "oneoff reap");
}

function processFindings({ count, down }: NonNullable<EngineFacts["processes"]>): Finding[] {
  if (count > 0 && down.length === 0) return [ok("processes", `${count} deployed, all running`)];
  return down.map((one) => warn("processes", `${one.app}: ${formatShortfall(one)}`, `oneoff start ${one.app}`));
}
