import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { isDetachedName } from "../../identity/names.ts";
import { isLive, type Oneoff, toOneoff } from "../lookup/oneoff.ts";
import { type Clock, holderOf, isAbandoned, isStale, ownerIsAlive } from "./staleness.ts";

/** A container that has outlived its purpose, and what is to be done with it. */
export interface Overdue {
  readonly container: Oneoff;
  readonly action: "stop" | "hangup" | "remove";
  readonly reason: "deadline" | "orphaned" | "expired" | "never-started" | "stale-lock";
  /** What the lock is called, of one that is a lock. */
  readonly lock?: string;
  /** How it has ended, of one that was kept; ISO 8601. */
  readonly end?: { readonly time: string; readonly oom: boolean };
}

/** What is made for a short while. */
const OURS: readonly string[] = ["run", "phase", "procfile", "deploy"];

/**
 * What is overdue among containers that oneoff has created; none of a deployed app is.
 * `deadline` and `kept` are only likely: it has been there for as long as it may run *from its start on*, or is to be kept
 * *after its end*, which a list does not tell.
 * @param explicit whether somebody has asked for it: only then what goes on without its owner is looked at.
 */
export function overdue(containers: readonly ContainerSummary[], clock: Clock, explicit: boolean): Overdue[] {
  return containers.flatMap((summary): Overdue[] => {
    const { [LABEL.kind]: kind, [LABEL.lock]: lock = "" } = summary.Labels;
    const container = toOneoff(summary);
    // A lock whose maker has gone may be that of a detached one-off: only its holder counts.
    if (kind === "lock") {
      return isStale(summary, holderOf(summary, containers), clock)
        ? [{ container, action: "remove", reason: "stale-lock", lock }]
        : [];
    }
    if (kind === undefined || !OURS.includes(kind)) return [];
    if (isAbandoned(summary, clock)) return [{ container, action: "remove", reason: "never-started" }];
    if (kind !== "run" || container.state === "starting") return [];
    const attached = container.retain === undefined;
    const alive = ownerIsAlive(summary, clock);
    const isOrphan = attached && alive === false;
    if (!isLive(container)) {
      // Not every attached one is removed by the engine: its owner may have meant to fetch something from it.
      if (isOrphan) return [{ container, action: "remove", reason: "orphaned" }];
      const { retain = Infinity } = container;
      return container.created + retain <= clock.now ? [{ container, action: "remove", reason: "expired" }] : [];
    }
    const { timeout = Infinity } = container;
    if (container.created + timeout <= clock.now) {
      // Whoever attends to it counts from its start, stops it, and says so.
      return attached && alive ? [] : [{ container, action: "stop", reason: "deadline" }];
    }
    return explicit && isOrphan ? deserted(container) : [];
  });
}

/** It runs on though its owner has gone, and not because somebody has left it on purpose. */
function deserted(container: Oneoff): Overdue[] {
  if (container.onDisconnect === "keep" || isDetachedName(container.containerName)) return [];
  return [{ container, action: container.onDisconnect === "hup" ? "hangup" : "stop", reason: "orphaned" }];
}

/** Whether so many seconds have passed since then. @param then ISO 8601, as the engine tells it. */
export const hasPassed = (then: string, seconds: number, { now }: Clock) => Date.parse(then) / 1000 + seconds <= now;
