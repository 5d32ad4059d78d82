import { setTimeout as pause } from "node:timers/promises";
import { uptime } from "../../../engine/clock.ts";
import type { Download } from "../../../engine/download.ts";
import { openServiceLogs } from "../../../engine/swarm/service-logs.ts";
import type { Transport } from "../../../engine/transport.ts";
import { OneoffError } from "../../../errors/error.ts";
import { taskLogSilent, taskOutputCut } from "../../../errors/swarm-task.ts";
import { type LogEntry, LogEntryParser } from "../../../streams/log-entries.ts";
import type { ByteSource, Reader } from "../../../streams/pump.ts";
import { encodeFrame } from "../../logs/frame-output.ts";
import { retryUntilManaged } from "../manager-retry.ts";
import { TaskLogPosition } from "./task-log-position.ts";

/** The log driver of one-offs: the only one that keeps every byte. A limit of its size loses lines silently. */
export const TASK_LOG_DRIVER = {
  Name: "local",
  Options: { "max-size": "1g", "max-file": "1", compress: "false" },
} as const;

/** Many commands end sooner after their start. */
const FOLLOW_DELAY_MS = 100;

/**
 * The output of a task without a TTY, in frames: every byte once. The log is followed until the task has ended. A followed
 * log may lack its end and never ends, so that the rest is then read without following it.
 * Reading rejects if the log cannot be read to its end.
 */
export class TaskOutput implements ByteSource, Disposable {
  readonly #engine: Transport;
  readonly #path: `/tasks/${string}`;
  readonly #ended: Promise<boolean>;
  readonly #position = new TaskLogPosition();
  #pass: { readonly abort: AbortController; readonly download?: Download } | undefined;
  #isFollowing = true;
  #isPaused = false;
  #isDisposed = false;
  #silence: NodeJS.Timeout | undefined;

  /** @param ended resolves when the task has ended: whether the rest of its log can be read. */
  constructor(engine: Transport, { taskId, ended }: { readonly taskId: string; readonly ended: Promise<boolean> }) {
    this.#engine = engine;
    this.#path = `/tasks/${taskId}`;
    this.#ended = ended;
  }

  async read(reader: Reader): Promise<void> {
    let isReadable: boolean | undefined;
    const ended = this.#ended.then((value) => {
      isReadable = value;
    });
    // The log of a short command is read once.
    await Promise.race([ended, pause(FOLLOW_DELAY_MS, undefined, { ref: false })]);
    while (isReadable === undefined && !this.#isDisposed) {
      // The next pass continues where a broken one has stopped.
      await Promise.race([ended, this.#read(reader, { follow: true }).catch(rethrowMalformed)]);
      this.#pass?.abort.abort();
      if (isReadable === undefined) await Promise.race([ended, pause(this.#engine.timeoutsMs.reconnectPause)]);
    }
    if (!isReadable || this.#isDisposed) return;
    const { timeoutsMs } = this.#engine;
    for (const deadline = uptime() + timeoutsMs.taskLog / 1000; ; ) {
      try {
        return await retryUntilManaged(this.#engine, () => this.#read(reader, { follow: false }));
      } catch (error) {
        rethrowMalformed(error);
        if (this.#isDisposed) return;
        // After an election, the node first has to connect to the new leader.
        if (!isNodeAway(error) || uptime() > deadline) throw taskOutputCut(error);
        await pause(timeoutsMs.reconnectPause);
      }
    }
  }

  resume(): void {
    this.#isPaused = false;
    this.#pass?.download?.resume();
    this.#awaitData();
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#pass?.abort.abort();
    clearTimeout(this.#silence);
  }

  /** One request. Ends when oneoff or the engine closes the connection. */
  async #read(reader: Reader, { follow }: { readonly follow: boolean }): Promise<void> {
    const abort = new AbortController();
    const { signal } = abort;
    const since = this.#position.reopen();
    this.#pass = { abort };
    this.#isFollowing = follow;
    this.#isPaused = false;
    this.#awaitData();
    try {
      using download = await openServiceLogs(this.#engine, this.#path, { follow, since, timestamps: true, signal });
      this.#pass = { abort, download };
      const entries = new LogEntryParser("multiplexed", { partsShareTime: true });
      const failed = Promise.withResolvers<never>();
      const received = download.read((chunk) => {
        if (signal.aborted) return false;
        try {
          this.#isPaused = !this.#passOn(entries.push(chunk), reader);
        } catch (error) {
          failed.reject(error);
          return false;
        }
        this.#awaitData();
        return !this.#isPaused;
      });
      await Promise.race([received, failed.promise]);
      this.#passOn(entries.end(), reader);
    } catch (error) {
      throw signal.aborted && signal.reason instanceof OneoffError ? signal.reason : error;
    } finally {
      // The pass that reads the rest may have begun.
      if (!follow) clearTimeout(this.#silence);
    }
  }

  /** @returns whether the reader accepts more. */
  #passOn(entries: readonly LogEntry[], reader: Reader): boolean {
    let hasRoom = true;
    for (const entry of entries) {
      if (this.#position.accept(entry)) hasRoom = reader(encodeFrame(entry.channel, entry.bytes));
    }
    return hasRoom;
  }

  /** Ends the pass if no data arrives in time, unless the reader has paused it. A followed log may be silent for hours. */
  #awaitData(): void {
    clearTimeout(this.#silence);
    if (this.#isPaused || this.#isFollowing) return;
    const abort = this.#pass?.abort;
    this.#silence = setTimeout(() => abort?.abort(taskLogSilent()), this.#engine.timeoutsMs.taskLog);
  }
}

/** The manager reports it in the log. */
const isNodeAway = (error: unknown) => error instanceof OneoffError && error.code === "engine-stream";

/** Other errors of a pass are temporary, or known when the task has ended. */
function rethrowMalformed(error: unknown): void {
  if (!(error instanceof OneoffError) || ["bad-frame", "bad-answer"].includes(error.code)) throw error;
}
