import type { Event } from "./events.ts";
import { formatDuration, formatTimestamp } from "./units.ts";

/** `streams   ok       0.42 s   …` */
export const checkLine = (result: {
  check: string;
  ok: boolean;
  seconds: number;
  description: string;
  error: string | null;
}) =>
  `${result.check.padEnd(10)}${(result.ok ? "ok" : "FAILED").padEnd(8)}${result.seconds.toFixed(2).padStart(5)} s   ${
    result.error ?? result.description
  }\n`;

export interface ListedLock {
  readonly key: string;
  readonly state: string;
  readonly app: string;
  readonly name: string;
  readonly since: number;
}

/** `migrate: held by run.7364 of my-app since 2013/03/13 15:38:08 (~ 1s ago)`. Times are in seconds since 1970. */
export const lockLine = ({ key, state, app, name, since }: ListedLock, now: number) =>
  `${key}: ${state === "held" ? "" : `${state}, `}held by ${name} of ${app} since ${formatTimestamp(since, now)}`;

/** A container that is stopped or removed by `oneoff reap`. */
export interface ReapedItem {
  readonly action: "stop" | "hangup" | "remove";
  readonly reason: "deadline" | "orphaned" | "expired" | "never-started" | "stale-lock";
  readonly lock?: string | undefined;
  readonly container: {
    readonly name: string;
    readonly containerName: string;
    readonly app: string;
    readonly retain: number | undefined;
  };
}

const DONE_VERBS = { stop: "Stopped", hangup: "Sent SIGHUP to", remove: "Removed" };
const DRY_RUN_VERBS = { stop: "Would stop", hangup: "Would send SIGHUP to", remove: "Would remove" };

/** `Removed run.7364 of my-app: kept for 24h` */
export function reapedLine({ action, reason, lock, container }: ReapedItem, dryRun: boolean): string {
  const { name, containerName, app, retain } = container;
  const subject = lock === undefined ? name || containerName : `the lock "${lock}"`;
  const cause = {
    deadline: "its deadline has passed",
    orphaned: "its client has exited",
    expired: `kept for ${formatDuration(retain ?? 0)}`,
    "never-started": "it was never started",
    "stale-lock": `${name} has exited`,
  }[reason];
  return `${(dryRun ? DRY_RUN_VERBS : DONE_VERBS)[action]} ${subject} of ${app}: ${cause}`;
}

/** `Removed a volume of run.7364 of my-app: its container no longer exists` */
export const danglingVolumeLine = (
  { name, app }: { readonly name: string; readonly app: string },
  dryRun: boolean,
): string =>
  `${(dryRun ? DRY_RUN_VERBS : DONE_VERBS).remove} a volume of ${name} of ${app}: its container no longer exists`;

const KEY_WIDTH = 32;

/** Properties under a heading, in the layout of dokku's reports. */
export function propertyReport(heading: string, rows: readonly (readonly [key: string, value: string])[]): string {
  const lines = rows.map(([key, value]) => `       ${`${key}:`.padEnd(KEY_WIDTH)}${value}`.trimEnd());
  return `${[`=====> ${heading}`, ...lines].join("\n")}\n`;
}

export function processLine(event: Extract<Event, { type: "process" }>): string | undefined {
  const { name } = event;
  switch (event.state) {
    case "starting":
      return `Starting ${name}`;
    case "waiting":
      return waitingText(event);
    case "healthy":
      return `${name} is healthy`;
    case "unhealthy":
      // One that fails once and then succeeds is no news; after the last attempt an error or warning follows.
      if (event.attempt === 1) return undefined;
      return `${name}: health check failed (${event.attempt}/${event.maxAttempts}): ${event.reason}`;
    case "live":
      // The previous line reports that it is healthy, and the next one that the old process is stopping.
      return undefined;
    case "unchanged":
      return `${name} is already running`;
    case "stopping":
      return `Stopping ${name} (waiting up to ${event.stopTimeout} s)`;
    case "stopped":
      return `Stopped ${name}`;
    case "removed":
      return `Removed ${name}`;
  }
}

type Waiting = Extract<Event, { type: "process"; state: "waiting" }>;

/** `Waiting for web.1: GET /`, `worker.1 must stay up for 10 s` */
export const waitingText = ({ name, check, seconds }: Waiting) =>
  seconds === undefined ? `Waiting for ${name}: ${check}` : `${name} must stay up for ${seconds} s`;

/** `web is reachable at http://my-app:5000 on network shop`, `web is published at 0.0.0.0:8080` */
export function reachableLines({ processType, addresses, published }: Extract<Event, { type: "reachable" }>): string[] {
  const ports = published.map(({ address, hostPort, protocol }) => {
    const host = address.includes(":") ? `[${address}]` : address;
    return `${host}:${hostPort}${protocol === "tcp" ? "" : `/${protocol}`}`;
  });
  return [
    ...addresses.map(
      ({ network, host, port }) => `${processType} is reachable at http://${host}:${port} on network ${network}`,
    ),
    ...(ports.length > 0 ? [`${processType} is published at ${ports.join(", ")}`] : []),
  ];
}

type CronEvent = Extract<Event, { type: "cron-installed" | "cron-outdated" | "cron-removed" }>;

/** `Installed 2 schedules of my-app (crontab)` */
export function cronLine(event: CronEvent): string {
  const { app, scheduler } = event;
  switch (event.type) {
    case "cron-installed":
      return `Installed ${event.tasks} schedule${event.tasks === 1 ? "" : "s"} of ${app} (${scheduler})`;
    case "cron-removed":
      return `Removed the schedules of ${app} (${scheduler})`;
    case "cron-outdated": {
      const state = scheduler === undefined ? "not installed on this host" : `out of date (${scheduler})`;
      return `The schedules of ${app} are ${state}\n  oneoff cron:install ${app}`;
    }
  }
}
