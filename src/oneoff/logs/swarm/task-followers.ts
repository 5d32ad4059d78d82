import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { LogRange } from "../../../engine/logs.ts";
import { OneoffError, warning } from "../../../errors/error.ts";
import { taskLogMissing } from "../../../errors/swarm-oneoffs.ts";
import { retryUntilReconnected } from "../../session/reconnect.ts";
import { isFinal, stateOfTask } from "../../swarm/tasks/task-facts.ts";
import { followLines } from "../follow-lines.ts";
import { unlessRefused } from "../followed-log.ts";
import { inspectOneoff, readOutputLines } from "../output-lines.ts";
import { MAX_PAUSE_MS, type ProcessFollowersContext, printLines } from "../process-followers.ts";
import { isLocalTask, listLoggedTasks } from "./service-log.ts";
import type { LoggedTask, SwarmScope } from "./service-log-types.ts";
import { lineId, taskLines } from "./task-lines.ts";
import { missingReason, type TaskLog, toTaskLog } from "./task-log.ts";
import { WatchedTask } from "./watched-task.ts";

const POLL_INTERVAL_MS = 500;

/** Before a log is opened again that the manager has ended. */
const REOPEN_PAUSE_MS = 2_000;

/** Lines of other tasks wait at most this long for the first output of a followed log. */
const FIRST_OUTPUT_MS = 500;

interface TaskFollowersContext extends ProcessFollowersContext {
  /** Called when a one-off is followed. @param followed resolves when it has ended and its output is written. */
  readonly onOneoff: (watched: WatchedTask, followed: Promise<void>) => void;
}

/** Follows the tasks of services on all nodes through updates, restarts and outages of nodes. */
export class TaskFollowers {
  readonly #context: TaskFollowersContext;
  readonly #swarm: SwarmScope;
  readonly #watched = new Map<string, WatchedTask>();

  constructor(context: TaskFollowersContext, swarm: SwarmScope) {
    this.#context = context;
    this.#swarm = swarm;
  }

  /**
   * Follows the tasks that are known, then new ones, until the signal is aborted.
   * @param rangeOf the rest of a log, by the ID of its lines. @param logs how far logs were read, by task.
   */
  async run(rangeOf: (id: string) => LogRange, logs: ReadonlyMap<string, TaskLog>): Promise<void> {
    const { engine, signal } = this.#context;
    for (const task of this.#swarm.tasks.filter(hasLog)) {
      if (!isFinal(task.task)) this.#follow(task, { range: rangeOf(lineId(task)), log: logs.get(task.task.ID) });
      else this.#watched.set(task.task.ID, new WatchedTask(task));
    }
    while (!signal.aborted) {
      await pause(POLL_INTERVAL_MS, undefined, { signal });
      this.#update(await retryUntilReconnected(engine, () => listLoggedTasks(engine, this.#swarm.log)));
    }
  }

  #update(tasks: readonly LoggedTask[]): void {
    const byId = new Map(tasks.map((task) => [task.task.ID, task]));
    for (const [id, watched] of this.#watched) watched.update(byId.get(id));
    // The oldest first: it has left before its successor joins.
    for (const task of tasks.toReversed()) if (!this.#watched.has(task.task.ID) && hasLog(task)) this.#follow(task);
  }

  /** @param known a task whose output up to now is printed. */
  #follow(task: LoggedTask, known?: { readonly range: LogRange; readonly log: TaskLog | undefined }): void {
    const { order, onFailure, onOneoff } = this.#context;
    const watched = new WatchedTask(task);
    this.#watched.set(task.task.ID, watched);
    const id = lineId(task);
    order.expect(id, known ? "" : task.task.CreatedAt);
    const followed = this.#followTask(watched, known)
      .catch(onFailure)
      .finally(() => order.caughtUp(id));
    if (task.service.isOneoff) onOneoff(watched, followed);
  }

  async #followTask(watched: WatchedTask, known: { range: LogRange; log: TaskLog | undefined } | undefined) {
    const { report, signal } = this.#context;
    const { task } = watched;
    const place = { app: task.service.app, name: task.name, containerId: lineId(task) };
    if (!known && !task.service.isOneoff) report({ type: "log-joined", ...place });
    if (isLocalTask(this.#swarm, task)) await this.#followLocal(task, known?.range ?? {});
    else await this.#followRemote(watched, known?.log ?? toTaskLog(this.#context.engine, task), known?.range);
    while (!watched.isOver && !signal.aborted) await this.#change(watched);
    const { Status } = watched.task.task;
    if (!signal.aborted && !task.service.isOneoff)
      report({ type: "log-left", ...place, exitCode: stateOfTask(Status).code });
  }

  /** The engine of the node keeps track of a log that rotates; a manager does not. */
  async #followLocal({ service: { app }, name, containerId = "" }: LoggedTask, range: LogRange): Promise<void> {
    const { engine, emit, order } = this.#context;
    const container = await inspectOneoff(engine, { id: containerId, app, name });
    if (!container) return;
    const print = (lines: Parameters<typeof emit>[1]) => emit(containerId, lines);
    const options = { maxPauseMs: MAX_PAUSE_MS, onJoined: () => order.caughtUp(containerId) };
    if (container.details.State.Running)
      await unlessRefused(followLines(this.#context, container, range, print, options));
    else await printLines(readOutputLines(this.#context, container, range), print);
  }

  async #followRemote(watched: WatchedTask, log: TaskLog, range: LogRange = {}): Promise<void> {
    const { signal, emit, order } = this.#context;
    const id = lineId(watched.task);
    const lines = taskLines(watched.task);
    const reporter = this.#missingReporter(watched);
    const waiting = setTimeout(() => order.caughtUp(id), FIRST_OUTPUT_MS);
    // To continue after an outage, the last message has to be known.
    if (range.tail === 0) await Array.fromAsync(log.readStored({ tail: 1 }, signal));
    while (!watched.isOver && !signal.aborted) {
      if (watched.task.isNodeDown) {
        reporter("down");
        await this.#change(watched);
        continue;
      }
      const { changed } = watched;
      try {
        for await (const entries of log.follow(range, AbortSignal.any([signal, changed]))) {
          if (entries.length > 0) reporter(undefined);
          await emit(id, lines.push(entries));
          order.caughtUp(id);
        }
      } catch (error) {
        if (!(error instanceof OneoffError)) throw error;
        // The node may be about to be reported as down.
        await this.#change(watched, REOPEN_PAUSE_MS);
        if (!changed.aborted) reporter(missingReason(error));
      }
      if (!changed.aborted) await this.#change(watched, REOPEN_PAUSE_MS);
    }
    clearTimeout(waiting);
    if (!signal.aborted) await this.#printRest(watched, log, range, lines);
  }

  /** The end of the log, which a manager may not send to followers. */
  async #printRest(watched: WatchedTask, log: TaskLog, range: LogRange, lines: ReturnType<typeof taskLines>) {
    const { signal, emit, engine } = this.#context;
    const id = lineId(watched.task);
    for (const messages = log.readStored(range, signal); ; ) {
      const { done, value } = await retryUntilReconnected(engine, () => messages.next());
      if (done) {
        if (value !== undefined) this.#missingReporter(watched)(value);
        break;
      }
      await emit(id, lines.push(value));
    }
    await emit(id, lines.end());
  }

  /** Reports each outage once. */
  #missingReporter({ task: { name, node } }: WatchedTask): (reason: string | undefined) => void {
    let last: string | undefined;
    return (reason) => {
      if (reason !== undefined && last === undefined) this.#context.report(warning(taskLogMissing(name, node, reason)));
      last = reason;
    };
  }

  /** Resolves when the state has changed, the time is over, or the signal is aborted. */
  async #change({ changed }: WatchedTask, ms?: number): Promise<void> {
    const signals = [this.#context.signal, changed, ...(ms === undefined ? [] : [AbortSignal.timeout(ms)])];
    const any = AbortSignal.any(signals);
    if (!any.aborted) await once(any, "abort");
  }
}

/** A task without a container has written nothing. */
const hasLog = ({ containerId }: LoggedTask) => containerId !== undefined;
