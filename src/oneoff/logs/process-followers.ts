import { listContainers } from "../../engine/containers.ts";
import type { ContainerEvent } from "../../engine/events.ts";
import type { LogRange } from "../../engine/logs.ts";
import { appNamesOf, matchDeployers } from "../apps/candidates.ts";
import { type AppProcess, namedProcesses } from "../apps/find-process.ts";
import { isLive } from "../lookup/oneoff.ts";
import { retryUntilReconnected } from "../session/reconnect.ts";
import { followLines } from "./follow-lines.ts";
import { unlessRefused } from "./followed-log.ts";
import type { OutputLine } from "./log-lines.ts";
import type { MergeWindow } from "./merge-window.ts";
import { addNanosecond, inspectOneoff, type ReadContext, readOutputLines, toLogTime } from "./output-lines.ts";
import { type ProcessFilter, selectProcesses } from "./process-filter.ts";

/** A paused reader, e.g. a pager, must not stop a process that serves others. */
export const MAX_PAUSE_MS = 3_000;

export interface ProcessFollowersContext extends ReadContext {
  readonly emit: (container: string, lines: readonly OutputLine[]) => Promise<void>;
  readonly order: LineOrder;
  readonly onFailure: (error: unknown) => void;
}

/** Lines of other containers wait for earlier output of a container. */
export type LineOrder = Pick<MergeWindow, "expect" | "caughtUp">;

/** Follows the processes of an app through rollouts and restarts. */
export class ProcessFollowers {
  readonly #context: ProcessFollowersContext;
  readonly #filter: ProcessFilter;
  /** By container: ends when the container has exited. */
  readonly #running = new Map<string, Promise<void>>();
  /** By container: the first output that has not been printed yet. */
  readonly #next = new Map<string, LogRange>();
  /** By container: a name stays the same when a rollout renames the container. */
  readonly #names = new Map<string, string>();

  /** By container, from its exit event: a wait that overlaps with a restart may return 0. */
  readonly #exitCodes = new Map<string, number>();
  /** By container: when its last run has started. */
  readonly #started = new Map<string, string>();

  constructor(context: ProcessFollowersContext, filter: ProcessFilter) {
    this.#context = context;
    this.#filter = filter;
  }

  /** Follows a process whose output up to now is printed. @param next the rest of its log. */
  add(process: AppProcess, next: LogRange): void {
    this.#names.set(process.id, process.name);
    this.#next.set(process.id, next);
    if (!isLive(process)) return;
    this.#context.order.expect(process.id, "");
    this.#follow(process, false);
  }

  /** Follows a container that has started, if it belongs to the log. */
  async onEvent({ Action, Actor: { ID, Attributes }, timeNano }: ContainerEvent): Promise<void> {
    if (Action === "die" && this.#names.has(ID)) this.#exitCodes.set(ID, Number(Attributes.exitCode));
    if (Action !== "start") return;
    const { app } = this.#filter;
    const matches = matchDeployers({ Names: [`/${Attributes.name}`], Labels: Attributes });
    if (!matches.some((match) => appNamesOf(match).some((name) => [name, `${match.from}:${name}`].includes(app))))
      return;
    this.#context.order.expect(ID, new Date(timeNano / 1e6).toISOString());
    await this.#followAmong(({ id }) => id === ID);
    if (!this.#running.has(ID)) this.#context.order.caughtUp(ID);
  }

  /** Follows all running processes, after events may have been missed. */
  async refresh(): Promise<void> {
    await this.#followAmong((one) => isLive(one) && !this.#running.has(one.id));
  }

  async #followAmong(isWanted: (process: AppProcess) => boolean): Promise<void> {
    const { engine } = this.#context;
    // An engine that is about to stop may still have accepted the subscription to its events.
    const named = namedProcesses(await retryUntilReconnected(engine, () => listContainers(engine, {})));
    for (const process of selectProcesses(this.#filter, named).filter(isWanted)) this.#follow(process, true);
  }

  /** Waits for an earlier run of the container: its output comes first. */
  #follow({ id, app, name: current }: AppProcess, isNew: boolean): void {
    const name = this.#names.get(id) ?? current;
    this.#names.set(id, name);
    const earlier = this.#running.get(id) ?? Promise.resolve();
    const { order, onFailure } = this.#context;
    const following = earlier
      .then(() => this.#followRun({ id, app, name }, isNew))
      .catch(onFailure)
      .finally(() => order.caughtUp(id));
    this.#running.set(id, following);
    following.then(() => {
      if (this.#running.get(id) === following) this.#running.delete(id);
    });
  }

  async #followRun({ id, app, name }: Pick<AppProcess, "id" | "app" | "name">, isNew: boolean): Promise<void> {
    const { engine, report, emit, order } = this.#context;
    const inspected = await inspectOneoff(engine, { id, app, name });
    if (!inspected) return;
    const { StartedAt = "", Running, Status, ExitCode } = inspected.details.State;
    // After a reconnect, a start may be reported again.
    if (this.#started.get(id) === StartedAt) return;
    this.#started.set(id, StartedAt);
    if (isNew) report({ type: "log-joined", app, name, containerId: id });
    const range = this.#next.get(id) ?? {};
    const print = (lines: readonly OutputLine[]) => emit(id, lines);
    const options = { maxPauseMs: MAX_PAUSE_MS, onJoined: () => order.caughtUp(id) };
    const isRunning = Running && Status !== "restarting";
    const end = isRunning
      ? await unlessRefused(followLines(this.#context, inspected, range, print, options))
      : undefined;
    const next = end ? end.next : await printLines(readOutputLines(this.#context, inspected, range), print);
    if (next) this.#next.set(id, next);
    const exitCode = this.#exitCodes.get(id) ?? (end ? end.exitCode : ExitCode);
    this.#exitCodes.delete(id);
    if (!this.#context.signal.aborted && (isNew || isRunning))
      report({ type: "log-left", app, name, containerId: id, exitCode });
  }
}

/** Prints the output of a container that has exited. @returns the part of the log that a restart will write. */
export async function printLines(
  batches: AsyncIterable<readonly OutputLine[]>,
  print: (lines: readonly OutputLine[]) => Promise<void>,
): Promise<LogRange | undefined> {
  let last: string | undefined;
  for await (const lines of batches) {
    last = lines.at(-1)?.time ?? last;
    await print(lines);
  }
  return last === undefined ? undefined : { since: addNanosecond(toLogTime(last)) };
}
