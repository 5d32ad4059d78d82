import type { Transport } from "../../../engine/transport.ts";
import { warning } from "../../../errors/error.ts";
import { managerAway } from "../../../errors/swarm-task.ts";
import type { Report } from "../../../output/events.ts";
import { type Journal, openRecord } from "../../journal/journal.ts";
import type { SignalForwarder } from "../../session/signal-forwarder.ts";
import type { StartedTask } from "./started-task.ts";
import { exitCodeOfTask } from "./task-end.ts";
import { watchPlacement } from "./task-placement.ts";
import { watchTask } from "./watch-task.ts";

/**
 * Waits until the command of a task runs, and leaves it running. A signal before that ends oneoff, and the service is
 * removed. @throws OneoffError if the command cannot be started
 */
export async function awaitStart(
  { engine, report, journal }: { readonly engine: Transport; readonly report: Report; readonly journal: Journal },
  signals: SignalForwarder,
  task: StartedTask,
): Promise<void> {
  const { serviceId, name, spec } = task;
  const record = openRecord(journal, { app: spec.app, name, id: serviceId });
  const checkPlacement = watchPlacement(report, task);
  const running = Promise.withResolvers<undefined>();
  const abort = new AbortController();
  const watch = watchTask(engine, serviceId, {
    signal: abort.signal,
    onRetry: () => report(warning(managerAway(name))),
    onView(view) {
      checkPlacement(view);
      if (view?.stage.stage === "running") running.resolve(undefined);
    },
  });
  watch.catch(() => {});
  try {
    const result = await Promise.race([watch, running.promise, signals.interrupted]);
    const isStarted = !result || ["exited", "stopped", "unknown"].includes(result.stage.stage);
    if (!isStarted) await exitCodeOfTask(engine, result, { ...task, isStopped: false });
  } catch (error) {
    record.exited(undefined);
    throw error;
  } finally {
    abort.abort();
  }
  record.up();
  task.markLeft();
  report({ type: "detached", name });
}
