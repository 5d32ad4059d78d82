import { placeOf } from "../../engine/endpoint/endpoint.ts";
import type { EndpointLink } from "../../engine/endpoint/endpoint-chain.ts";
import type { EngineInfo, EngineVersion } from "../../engine/system.ts";
import { compareVersions, FLOOR, PREFERRED } from "../../engine/version.ts";
import { shortfallText } from "../../oneoff/apps/shortfalls.ts";
import { formatDuration } from "../../output/units.ts";
import { type EngineFacts, type Finding, fail, ok, type SocketFacts, warn } from "./facts.ts";

/** Where the engine is looked for, and what decided it. */
export function endpointFindings(chain: readonly EndpointLink[]): Finding[] {
  const won = chain.find((link) => link.won);
  if (!won) return [];
  if (won.error) return [fail("endpoint", won.error.message, won.error.next)];
  const passed = chain.slice(chain.indexOf(won) + 1).filter(({ says, endpoint }) => says && endpoint);
  const others = passed.map(({ source, says }) => `${source} ${says}`).join(", ");
  const place = won.endpoint ? placeOf(won.endpoint) : "";
  return [ok("endpoint", `${place}, by ${won.source}${others && ` (before ${others})`}`)];
}

/** Whether it can be used says the engine, by answering. */
export function socketFindings(socket: SocketFacts | undefined): Finding[] {
  if (!socket) return [];
  const { group, mode, isIn, isMember } = socket;
  const text = `for the group ${group}, mode ${mode}`;
  if (isIn) return [ok("socket", `${text}; we are in it`)];
  if (!isMember) return [ok("socket", `${text}; we are not in it`)];
  return [
    warn(
      "socket",
      `${text}; we are in it, but were not yet when this session began`,
      `newgrp ${group}, or log in anew`,
    ),
  ];
}

/** Of clocks that differ by more, what one-offs write and what is written here would bear other times; in seconds. */
const MOST_SKEW = 5;

export function engineFindings({ error, version, info, skew, oneoffs, processes }: EngineFacts): Finding[] {
  if (error) return [fail("engine", error.message, error.next)];
  if (!version || !info) return [];
  return [
    ...apiFindings(version, info),
    ...driverFindings(info),
    ...initFindings(info),
    ...logFindings(info, isPodman(version)),
    ...memoryFindings(info),
    ...(skew === undefined ? [] : [skewFinding(skew)]),
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
        `${text}: it takes no API older than ${MinAPIVersion}, and oneoff speaks ${PREFERRED}`,
        "install a newer oneoff",
      ),
    ];
  return [ok("engine", text)];
}

/** Those that copy, or that engines have given up. */
const POOR_DRIVERS = /^(vfs|aufs|devicemapper)$/;

function driverFindings({ Driver }: EngineInfo): Finding[] {
  if (!Driver) return [];
  if (!POOR_DRIVERS.test(Driver)) return [ok("storage", Driver)];
  return [
    warn(
      "storage",
      `${Driver} makes every start slow`,
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
      `the engine could not ask ${InitBinary} for its version; where it is missing, one-offs run without an init`,
      `install docker-init where the engine is (it comes with the engine's package), or set "init-path" in its daemon.json to a tini, or run with --no-init`,
    ),
  ];
}

function logFindings({ Plugins }: EngineInfo, podman: boolean): Finding[] {
  const drivers = Plugins?.Log ?? [];
  if (podman || drivers.length === 0) return [];
  // "none", for those that are attached, is built in, and never listed.
  if (drivers.includes("local")) return [ok("logs", drivers.join(", "))];
  return [
    warn(
      "logs",
      `the engine has no log driver local (only ${drivers.join(", ")}): detached one-offs may not start`,
      "log: json-file, or another that it has, in oneoff.yaml",
    ),
  ];
}

function memoryFindings(info: EngineInfo): Finding[] {
  const rootless = isRootless(info);
  // Of those of version 1 it has none, whatever else it says: Podman says that it can.
  if (info.MemoryLimit !== false && !(rootless && info.CgroupVersion === "1")) return [];
  return [
    warn(
      "memory",
      "the engine cannot limit memory: --memory and --size are not enforced",
      rootless
        ? "boot the engine's kernel with systemd.unified_cgroup_hierarchy=1, and let its user have memory (Delegate= of user@.service)"
        : "boot the engine's kernel with cgroup_enable=memory",
    ),
  ];
}

function skewFinding(skew: number): Finding {
  const seconds = Math.round(Math.abs(skew));
  if (seconds <= MOST_SKEW) return ok("clock", "the engine's clock and ours agree");
  const text = `the engine's clock is ${formatDuration(seconds)} ${skew > 0 ? "ahead of" : "behind"} ours: times that oneoff shows are the engine's`;
  return warn("clock", text, "timedatectl set-ntp true, on both machines");
}

function oneoffsFinding({ live, overdue, volumes }: NonNullable<EngineFacts["oneoffs"]>): Finding {
  const text = `${live} running, ${overdue || "none"} overdue`;
  if (volumes > 0)
    return warn("one-offs", `${text}, ${volumes} ${volumes === 1 ? "volume" : "volumes"} left`, "oneoff reap");
  return overdue === 0 ? ok("one-offs", text) : warn("one-offs", text, "oneoff reap");
}

function processFindings({ count, down }: NonNullable<EngineFacts["processes"]>): Finding[] {
  if (count > 0 && down.length === 0) return [ok("processes", `${count} of deployed apps, all running`)];
  return down.map((one) => warn("processes", `${one.app}: ${shortfallText(one)}`, `oneoff start ${one.app}`));
}
