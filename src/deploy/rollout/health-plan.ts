import type { Healthcheck } from "../../app/healthchecks.ts";

/** How to tell whether a process that was just started is well. */
export type HealthPlan =
  /** All of them have to pass. */
  | { readonly by: "checks"; readonly checks: readonly Healthcheck[] }
  /** The image's HEALTHCHECK, which the engine carries out. */
  | { readonly by: "image" }
  /** It has to stay up for so many seconds. */
  | { readonly by: "uptime"; readonly seconds: number };

/** In seconds. */
export const DEFAULT_HEALTH_WAIT_S = 10;

/** @param checks those that app.json has for the process type. @param wait in seconds, where somebody has said so. */
export function healthPlan(
  checks: readonly Healthcheck[] | undefined,
  imageHasCheck: boolean,
  wait: number | undefined,
): HealthPlan {
  const ofStartup = (checks ?? []).filter(({ type }) => type === "startup");
  if (ofStartup.length > 0) return { by: "checks", checks: ofStartup };
  return imageHasCheck ? { by: "image" } : { by: "uptime", seconds: wait ?? DEFAULT_HEALTH_WAIT_S };
}

/** What to call a check. */
export function checkName({ name, path, command, listening }: Healthcheck): string {
  if (name !== undefined) return name;
  if (path !== undefined) return `path ${path}`;
  return command !== undefined ? "command" : listening ? "listening" : "uptime";
}

/** A line of /proc/net/tcp or tcp6: local address, remote address, state. */
const SOCKET = /^\s*\d+:\s+([0-9A-F]+):([0-9A-F]{4})\s+\S+\s+([0-9A-F]{2})\s/;
const LISTEN = "0A";

/**
 * Whether something listens on a port where others can reach it.
 * @param table what /proc/net/tcp and /proc/net/tcp6 have.
 */
export function hasListener(table: string, port: number): boolean {
  return table.split("\n").some((line) => {
    const [, address = "", local = "", state] = SOCKET.exec(line) ?? [];
    return state === LISTEN && Number.parseInt(local, 16) === port && !isLoopback(address);
  });
}

/** As the kernel writes 127.x.x.x, ::1 and ::ffff:127.x.x.x: words in the order of the machine's bytes. */
const isLoopback = (address: string) =>
  address.length === 8
    ? address.endsWith("7F")
    : /^0{24}01000000$/.test(address) || /^0{16}F{4}0{4}.{6}7F$/.test(address);
