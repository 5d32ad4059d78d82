import { setTimeout as pause } from "node:timers/promises";
import { inspectService } from "../../engine/swarm/services.ts";
import type { Task } from "../../engine/swarm/task-types.ts";
import { listTasks } from "../../engine/swarm/tasks.ts";
import type { Transport } from "../../engine/transport.ts";
import { retryUntilManaged } from "../../oneoff/swarm/manager-retry.ts";
import type { Report } from "../../output/events.ts";
import { type Expected, isUp, judge, placementProblem, type Verdict } from "./verdict.ts";

export interface FollowContext {
  readonly engine: Transport;
  readonly report: Report;
  /** Monotonic clock in seconds. */
  readonly monotonic: () => number;
  /** Stops the wait; its reason is thrown. */
  readonly signal: AbortSignal;
}

/** The end of a change of a service. */
export type Outcome =
  | Exclude<Verdict, { state: "waiting" }>
  | { readonly state: "not-placed"; readonly reason: string };

const POLL_INTERVAL_MS = 200;

/** How long a task may wait for a node that can run it. */
export const PLACEMENT_TIMEOUT_S = 30;

/** Waits until Swarm has carried out a change of a service, and reports its tasks. @param type the process type. */
export async function followService(
  { engine, report, monotonic, signal }: FollowContext,
  { id, app, type }: { readonly id: string; readonly app: string; readonly type: string },
  expected: Expected,
): Promise<Outcome> {
  const progress = taskProgress(report, app, type, expected.oldTasks);
  let unplacedSince: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const [service, tasks] = await retryUntilManaged(engine, () =>
      Promise.all([inspectService(engine, id), listTasks(engine, { service: [id] })]),
    );
    progress(tasks);
    const verdict = judge(service, tasks, expected, engine.clock.now());
    if (verdict.state !== "waiting") return verdict;
    const reason = placementProblem(tasks);
    unplacedSince = reason === undefined ? undefined : (unplacedSince ?? monotonic());
    if (reason !== undefined && monotonic() - (unplacedSince ?? 0) >= PLACEMENT_TIMEOUT_S) {
      return { state: "not-placed", reason };
    }
    await pause(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}

/** Reports each new task once when it starts, and once when it is healthy. */
function taskProgress(report: Report, app: string, type: string, oldTasks: ReadonlySet<string>) {
  const started = new Set<string>();
  const healthy = new Set<string>();
  return (tasks: readonly Task[]) => {
    for (const task of tasks) {
      const { ID, Slot = 1, DesiredState } = task;
      if (oldTasks.has(ID) || (DesiredState !== "running" && DesiredState !== "ready")) continue;
      const event = { type: "process", app, name: `${type}.${Slot}` } as const;
      if (!started.has(ID)) report({ ...event, state: "starting" });
      started.add(ID);
      if (!isUp(task) || healthy.has(ID)) continue;
      report({ ...event, state: "healthy" });
      healthy.add(ID);
    }
  };
}
