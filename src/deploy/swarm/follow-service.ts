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

/** Whose tasks are followed. */
export interface FollowedService {
  readonly id: string;
  readonly app: string;
  /** The process type. */
  readonly type: string;
  /** Whether Swarm waits until a task is healthy: otherwise a task is healthy when it has stayed up. */
  readonly isChecked: boolean;
}

/** Waits until Swarm has carried out a change of a service, and reports its tasks. */
export async function followService(
  { engine, report, monotonic, signal }: FollowContext,
  followed: FollowedService,
  expected: Expected,
): Promise<Outcome> {
  const progress = taskProgress(report, followed, expected.oldTasks);
  let unplacedSince: number | undefined;
  for (;;) {
    signal.throwIfAborted();
    const [service, tasks] = await retryUntilManaged(engine, () =>
      Promise.all([inspectService(engine, followed.id), listTasks(engine, { service: [followed.id] })]),
    );
    const verdict = judge(service, tasks, expected, engine.clock.now());
    // The tasks of a rollback run the old release.
    if (!service.UpdateStatus?.State?.startsWith("rollback_")) progress(tasks, verdict.state === "done");
    if (verdict.state !== "waiting") return verdict;
    const reason = placementProblem(tasks);
    unplacedSince = reason === undefined ? undefined : (unplacedSince ?? monotonic());
    if (reason !== undefined && monotonic() - (unplacedSince ?? 0) >= PLACEMENT_TIMEOUT_S) {
      return { state: "not-placed", reason };
    }
    await pause(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}

/** Reports each process once when it starts, and once when it is healthy. */
function taskProgress(report: Report, { app, type, isChecked }: FollowedService, oldTasks: ReadonlySet<string>) {
  const reported = new Set<string>();
  const reportOnce = (name: string, state: "starting" | "healthy") => {
    if (!reported.has(`${name} ${state}`)) report({ type: "process", app, name, state });
    reported.add(`${name} ${state}`);
  };
  return (tasks: readonly Task[], isDone: boolean) => {
    for (const task of tasks) {
      const { ID, Slot = 1, DesiredState } = task;
      if (oldTasks.has(ID) || (DesiredState !== "running" && DesiredState !== "ready")) continue;
      reportOnce(`${type}.${Slot}`, "starting");
      if (isUp(task) && (isChecked || isDone)) reportOnce(`${type}.${Slot}`, "healthy");
    }
  };
}
