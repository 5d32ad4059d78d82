import { duration } from "./duration.ts";

/** Something overdue, and what is done about it. */
export interface Reaped {
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

const DONE = { stop: "Stopped", hangup: "Sent SIGHUP to", remove: "Removed" };
const MEANT = { stop: "Would stop", hangup: "Would send SIGHUP to", remove: "Would remove" };

/** `Removed run.7364 of my-app: kept for 24h` @param dry whether it was only looked for. */
export function reapingLine({ action, reason, lock, container }: Reaped, dry: boolean): string {
  const { name, containerName, app, retain } = container;
  const what = lock === undefined ? name || containerName : `the lock "${lock}"`;
  const because = {
    deadline: "its deadline has passed",
    orphaned: "its client has exited",
    expired: `kept for ${duration(retain ?? 0)}`,
    "never-started": "it was never started",
    "stale-lock": `${name} has exited`,
  }[reason];
  return `${(dry ? MEANT : DONE)[action]} ${what} of ${app}: ${because}`;
}

/** `Removed a volume of run.7364 of my-app: its container no longer exists` */
export const leftVolumeLine = ({ name, app }: { readonly name: string; readonly app: string }, dry: boolean): string =>
  `${(dry ? MEANT : DONE).remove} a volume of ${name} of ${app}: its container no longer exists`;
