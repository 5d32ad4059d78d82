import type { Healthcheck } from "../../app/healthchecks.ts";
import { maskCommand } from "../../app/secrets/mask.ts";

/** How to check the health of a process that was just started. */
export type HealthPlan =
  /** All checks must pass. */
  | { readonly by: "checks"; readonly checks: readonly Healthcheck[] }
  /** The image's HEALTHCHECK, which the engine runs. */
  | { readonly by: "image" }
  /** The process must stay up for this time. */
  | { readonly by: "uptime"; readonly seconds: number };

export const DEFAULT_HEALTH_WAIT_S = 10;

/** @param checks from app.json, for the process type. @param waitS from `--health-wait` or oneoff.yaml. */
export function healthPlan(
  checks: readonly Healthcheck[] | undefined,
  imageHasCheck: boolean,
  waitS: number | undefined,
): HealthPlan {
  const startupChecks = (checks ?? []).filter(({ type }) => type === "startup");
  if (startupChecks.length > 0) return { by: "checks", checks: startupChecks };
  return imageHasCheck ? { by: "image" } : { by: "uptime", seconds: waitS ?? DEFAULT_HEALTH_WAIT_S };
}

export function checkName({ name, path, command, listening }: Healthcheck): string {
  if (name !== undefined) return name;
  if (path !== undefined) return `path ${path}`;
  return command !== undefined ? "command" : listening ? "listening" : "uptime";
}

/** Why a health check failed. */
export interface CheckFailure {
  readonly reason: string;
  /** The reason in a few words, if it is longer. */
  readonly summary?: string;
  /** The body of an HTTP response. */
  readonly response?: string;
}

/** What a check does, e.g. `GET /health`. @param port the value of `PORT`. */
export function describeCheck(check: Healthcheck, port: number): string {
  if (check.path !== undefined) return `GET ${check.path}`;
  if (check.name !== undefined) return check.name;
  if (check.command !== undefined) return `command ${maskCommand(check.command)}`;
  return check.listening ? `port ${check.port ?? port}` : `uptime of ${check.uptime ?? 0} s`;
}

export const IMAGE_CHECK = "HEALTHCHECK of the image";

/** What a process is waited for. `seconds` is the time that it must stay up, if nothing else is checked. */
export function describePlan(plan: HealthPlan, port: number): { readonly check: string; readonly seconds?: number } {
  if (plan.by === "image") return { check: IMAGE_CHECK };
  if (plan.by === "uptime") return { check: "uptime", seconds: plan.seconds };
  return { check: plan.checks.map((check) => describeCheck(check, port)).join(", ") };
}

export const timeoutReason = (timeoutS: number) => `no response within ${timeoutS} s`;

export const UNREACHABLE =
  "it cannot be probed: its image has no sh with curl or wget, and its address cannot be reached from here";

/** Appended to a reason. */
export const lastLine = (text: string) => {
  const last = text.trim().split("\n").at(-1);
  return last ? `: ${last}` : "";
};

/** A line of /proc/net/tcp or tcp6: local address, remote address, state. */
const SOCKET = /^\s*\d+:\s+([0-9A-F]+):([0-9A-F]{4})\s+\S+\s+([0-9A-F]{2})\s/;
const LISTEN = "0A";

/**
 * Whether a program listens on a port on an interface other than loopback.
 * @param table the content of /proc/net/tcp and /proc/net/tcp6.
 */
export function hasListener(table: string, port: number): boolean {
  return table.split("\n").some((line) => {
    const [, address = "", local = "", state] = SOCKET.exec(line) ?? [];
    return state === LISTEN && Number.parseInt(local, 16) === port && !isLoopback(address);
  });
}

/** Linux prints 127.x.x.x, ::1 and ::ffff:127.x.x.x as 32-bit numbers in host byte order, here little endian. */
const isLoopback = (address: string) =>
  address.length === 8
    ? address.endsWith("7F")
    : /^0{24}01000000$/.test(address) || /^0{16}F{4}0{4}.{6}7F$/.test(address);
