import type { LogRange } from "../../../engine/logs.ts";
import { openServiceLogs } from "../../../engine/swarm/service-logs.ts";
import type { Transport } from "../../../engine/transport.ts";
import { isRefusal } from "../../../errors/engine.ts";
import { OneoffError } from "../../../errors/error.ts";
import { chunksOf } from "../../../streams/chunks.ts";
import { type LogEntry, LogEntryParser, utcOf } from "../../../streams/log-entries.ts";
import { TaskLogPosition } from "../../swarm/run/task-log-position.ts";
import type { LoggedTask } from "./service-log-types.ts";

export const toTaskLog = (engine: Transport, { task }: LoggedTask): TaskLog =>
  new TaskLog(engine, { id: task.ID, tty: task.Spec.ContainerSpec?.TTY ?? false });

/** Why a log is incomplete: `down` or `late` of its node, or what the manager has reported. */
export type MissingReason = string;

/** @returns undefined for another error. */
export function missingReason(error: unknown): MissingReason | undefined {
  if (!(error instanceof OneoffError) || error.code !== "engine-stream") return undefined;
  return /node \S+ is not available/.test(error.message) ? "down" : error.message;
}

/** The log of a task on any node, through a manager. Each message is read once, however often the log is opened. */
export class TaskLog {
  readonly #engine: Transport;
  readonly #id: string;
  readonly #tty: boolean;
  readonly #position = new TaskLogPosition();
  /** The time of the oldest message that was read, if the log has older ones. */
  #oldest: string | undefined;

  constructor(engine: Transport, { id, tty }: { readonly id: string; readonly tty: boolean }) {
    this.#engine = engine;
    this.#id = id;
    this.#tty = tty;
  }

  /**
   * Reads the messages up to now that were not read before. Ends early for a node that does not respond.
   * @param range of the first read. @returns why the log is incomplete.
   */
  async *readStored(range: LogRange, signal: AbortSignal): AsyncGenerator<LogEntry[], MissingReason | undefined> {
    const late = new AbortController();
    const messages = this.#read(range, false, AbortSignal.any([signal, late.signal]));
    try {
      for (;;) {
        const timer = setTimeout(() => late.abort(), this.#engine.timeoutsMs.taskLog);
        const { done, value } = await messages.next().finally(() => clearTimeout(timer));
        if (done) return late.signal.aborted ? "late" : undefined;
        yield value;
      }
    } catch (error) {
      const reason = missingReason(error);
      if (reason !== undefined) return reason;
      // The service or the container was removed.
      if (isRefusal(error, 404)) return undefined;
      throw error;
    } finally {
      await messages.return(undefined);
    }
  }

  /**
   * Follows the log until the signal is aborted. A manager does not end it when the task ends, and may not send its last
   * messages then: read the stored log afterwards. @param range of the first read.
   */
  async *follow(range: LogRange, signal: AbortSignal): AsyncGenerator<LogEntry[]> {
    yield* this.#read(range, true, signal);
  }

  async *#read({ tail, since }: LogRange, follow: boolean, signal: AbortSignal): AsyncGenerator<LogEntry[]> {
    const continued = this.#position.reopen();
    const range = continued === undefined ? { tail, since } : { tail: undefined, since: continued };
    const request = { ...range, follow, timestamps: true, signal };
    const parser = new LogEntryParser(this.#tty ? "raw" : "multiplexed", this.#engine.quirks);
    const before = this.#oldest;
    const takeNew = (entries: readonly LogEntry[]) => {
      if (range.tail !== undefined && entries[0]) this.#oldest ??= utcOf(entries[0]);
      // The channels are read from one time on: one of them may not have reached it.
      return entries.filter((entry) => !(before && utcOf(entry) <= before) && this.#position.accept(entry));
    };
    try {
      using log = await openServiceLogs(this.#engine, `/tasks/${this.#id}`, request);
      for await (const chunk of chunksOf(log)) yield takeNew(parser.push(chunk));
      yield takeNew(parser.end());
    } catch (error) {
      // The connection was closed.
      if (!signal.aborted) throw error;
    }
  }
}
