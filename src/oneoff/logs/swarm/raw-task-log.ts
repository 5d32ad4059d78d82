import { setTimeout as pause } from "node:timers/promises";
import type { LogRange } from "../../../engine/logs.ts";
import { inspectTask } from "../../../engine/swarm/tasks.ts";
import type { Transport } from "../../../engine/transport.ts";
import { isRefusal } from "../../../errors/engine.ts";
import { OneoffError } from "../../../errors/error.ts";
import { rawTaskLogMissing } from "../../../errors/swarm-oneoffs.ts";
import type { LogEntry } from "../../../streams/log-entries.ts";
import type { ByteSource } from "../../../streams/pump.ts";
import { isFinal } from "../../swarm/tasks/task-facts.ts";
import { encodeFrame } from "../frame-output.ts";
import type { LoggedTask } from "./service-log-types.ts";
import { toTaskLog } from "./task-log.ts";

const POLL_INTERVAL_MS = 500;

/** The output of a task on another node in frames, up to now or to its end. Reading rejects if a part is missing. */
export function openTaskOutput(
  engine: Transport,
  task: LoggedTask,
  { range, follow }: { readonly range: LogRange; readonly follow: boolean },
): ByteSource & Disposable {
  const closed = new AbortController();
  let resumed = Promise.withResolvers<void>();
  return {
    async read(reader) {
      const pass = async (entries: readonly LogEntry[]) => {
        for (const { channel, bytes } of entries) {
          if (reader(encodeFrame(channel, bytes))) continue;
          await resumed.promise;
          resumed = Promise.withResolvers();
        }
      };
      if (task.isNodeDown && !follow) throw rawTaskLogMissing(task.name, task.node, "down");
      const log = toTaskLog(engine, task);
      while (follow && !closed.signal.aborted && !(await hasEnded(engine, task))) {
        const ended = new AbortController();
        const watching = endWith(engine, task, ended);
        try {
          const signal = AbortSignal.any([closed.signal, ended.signal]);
          for await (const entries of log.follow(range, signal)) await pass(entries);
        } catch (error) {
          // The node may return.
          if (!(error instanceof OneoffError)) throw error;
        }
        ended.abort();
        await watching;
      }
      for (const messages = log.readStored(range, closed.signal); ; ) {
        const { done, value } = await messages.next();
        if (!done) await pass(value);
        else if (value !== undefined) throw rawTaskLogMissing(task.name, task.node, value);
        else return;
      }
    },
    resume: () => resumed.resolve(),
    [Symbol.dispose]: () => closed.abort(),
  };
}

/** Aborts when the task has ended. Resolves when that is known, or the signal is aborted by another. */
async function endWith(engine: Transport, task: LoggedTask, ended: AbortController): Promise<void> {
  while (!ended.signal.aborted) {
    await pause(POLL_INTERVAL_MS);
    if (await hasEnded(engine, task)) ended.abort();
  }
}

async function hasEnded(engine: Transport, { task }: LoggedTask): Promise<boolean> {
  try {
    return isFinal(await inspectTask(engine, task.ID));
  } catch (error) {
    if (isRefusal(error, 404)) return true;
    throw error;
  }
}
