import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { isDetachedName } from "../../identity/names.ts";
import { isLive, type Oneoff, toOneoff } from "../lookup/oneoff.ts";
import { type Clock, findHolder, isAbandoned, isOwnerAlive, isStale } from "./staleness.ts";

/** A container that has outlived its purpose, and the action. */
export interface Overdue {
  readonly container: Oneoff;
  readonly action: "stop" | "hangup" | "remove";
  readonly reason: "deadline" | "orphaned" | "expired" | "never-started" | "stale-lock";
  /** The key, for a lock. */
  readonly lock?: string;
  /** The exit of a kept one-off; ISO 8601. */
  readonly end?: { readonly time: string; readonly oom: boolean };
}

/** Kinds of short-lived containers. */
const SHORT_LIVED: readonly string[] = ["run", "phase", "procfile", "deploy"];

/**
 * Finds candidates among the containers of oneoff, except for processes of deployed apps. `deadline` and `expired` are only
 * likely: a timeout begins with the start, retention with the exit, and a list of containers has neither.
 * @param explicit whether the user requested it: only then are orphaned one-offs that still run stopped.
 */
export function selectOverdue(containers: readonly ContainerSummary[], clock: Clock, explicit: boolean): Overdue[] {
  return containers.flatMap((summary): Overdue[] => {
    const { [LABEL.kind]: kind, [LABEL.lock]: lock = "" } = summary.Labels;
    const container = toOneoff(summary);
    // The owner of a lock may have left a detached one-off running: only the holder matters.
    if (kind === "lock") {
      return isStale(summary, findHolder(summary, containers), clock)
        ? [{ container, action: "remove", reason: "stale-lock", lock }]
        : [];
    }
    if (kind === undefined || !SHORT_LIVED.includes(kind)) return [];
    if (isAbandoned(summary, clock)) return [{ container, action: "remove", reason: "never-started" }];
    if (kind !== "run" || container.state === "starting") return [];
    const attached = container.retain === undefined;
    const alive = isOwnerAlive(summary, clock);
    const isOrphan = attached && alive === false;
    if (!isLive(container)) {
      // The engine does not remove every attached one-off: its owner may have wanted to fetch files.
      if (isOrphan) return [{ container, action: "remove", reason: "orphaned" }];
      const { retain = Infinity } = container;
      return container.created + retain <= clock.now ? [{ container, action: "remove", reason: "expired" }] : [];
    }
    const { timeout = Infinity } = container;
    if (container.created + timeout <= clock.now) {
      // Its owner enforces the timeout from the start on and reports it.
      return attached && alive ? [] : [{ container, action: "stop", reason: "deadline" }];
    }
    return explicit && isOrphan ? findOrphan(container) : [];
  });
}

/** A one-off that still runs without its owner, and was not left running deliberately. */
function findOrphan(container: Oneoff): Overdue[] {
  if (container.onDisconnect === "keep" || isDetachedName(container.containerName)) return [];
  return [{ container, action: container.onDisconnect === "hup" ? "hangup" : "stop", reason: "orphaned" }];
}

/** Whether so many seconds have passed since `then` (ISO 8601). */
export const hasPassed = (then: string, seconds: number, { now }: Clock) => Date.parse(then) / 1000 + seconds <= now;
