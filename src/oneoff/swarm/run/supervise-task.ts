import { warning } from "../../../errors/error.ts";
import { outputFailed } from "../../../errors/io.ts";
import { abandoned, endedBySignal, engineLost, timedOut } from "../../../errors/session.ts";
import { managerAway } from "../../../errors/swarm-task.ts";
import { exitCodeOf, FATAL_SIGNALS } from "../../../terminal/signals.ts";
import { openRecord } from "../../journal/journal.ts";
import { filterExecFailure } from "../../session/not-executed.ts";
import type { SignalForwarder } from "../../session/signal-forwarder.ts";
import { attachStdio } from "../../session/stdio.ts";
import type { SuperviseContext } from "../../session/supervise.ts";
import { isManagerAway } from "../manager-retry.ts";
import { finishTask, hasLog } from "./finish-task.ts";
import { lateOutput } from "./late-output.ts";
import type { StartedTask } from "./started-task.ts";
import { TaskControl } from "./task-control.ts";
import { TaskOutput } from "./task-log.ts";
import { watchPlacement } from "./task-placement.ts";
import { type TaskResult, watchTask } from "./watch-task.ts";

/** How long the manager may take to respond after the third ^C. */
const ABANDON_TIMEOUT_MS = 5_000;

/**
 * Writes the output of a task until it has ended and its exit code is known, or until it is left running.
 * @returns as `supervise`.
 */
export async function superviseTask(
  context: SuperviseContext,
  signals: SignalForwarder,
  task: StartedTask,
): Promise<number> {
  const { engine, terminal, report, journal } = context;
  const { serviceId, name, spec } = task;
  const { detach: isShared, onDisconnect = isShared ? "keep" : "stop" } = spec;
  const record = openRecord(journal, { app: spec.app, name, id: serviceId });
  const control = new TaskControl(context, { serviceId, name, stopTimeout: spec.stopTimeout });
  const isReadable = Promise.withResolvers<boolean>();
  const output = Promise.withResolvers<TaskOutput | undefined>();
  const left = Promise.withResolvers<number>();
  left.promise.catch(() => {});
  const leave = (code: number) => {
    task.markLeft();
    left.resolve(code);
  };
  const stop = (reason: Parameters<TaskControl["stop"]>[0]) => {
    record.stopping("SIGTERM");
    control.stop(reason);
  };
  let isHungUp = false;
  const hangUp = () => {
    // A closed terminal shows as a failed write and as SIGHUP.
    if (isHungUp) return;
    isHungUp = true;
    if (onDisconnect === "stop") return stop("hangup");
    if (onDisconnect === "hup") control.send("SIGHUP");
    leave(exitCodeOf("SIGHUP"));
  };
  const filtered = filterExecFailure(lateOutput(output.promise), false);
  using stdio = attachStdio(
    terminal,
    { output: filtered.output, input: undefined, tty: false, detachKeys: context.detachKeys },
    {
      onHangup: hangUp,
      onBroken({ error }) {
        if (error.code === "EIO" && terminal.outputIsTerminal) hangUp();
        else if (isShared) leave(exitCodeOf("SIGPIPE"));
        else stop("broken-pipe");
      },
    },
  );

  let isRemoved = false;
  const interrupt = interruptions(
    () => control.send("SIGINT"),
    () => stop("interrupt"),
    () => {
      isRemoved = true;
      report({ type: "removing", name });
      const code = exitCodeOf("SIGINT");
      task.discard().then(() => left.resolve(code));
      setTimeout(() => left.reject(abandoned("SIGINT", code)), ABANDON_TIMEOUT_MS).unref();
    },
  );
  let fatalSignal: NodeJS.Signals | undefined;
  signals.begin({ id: serviceId, name }, (signal) => {
    if (FATAL_SIGNALS.has(signal)) fatalSignal = signal;
    if (isShared && FATAL_SIGNALS.has(signal)) leave(exitCodeOf(signal));
    else if (signal === "SIGINT") interrupt();
    else if (signal === "SIGTSTP") terminal.suspend();
    else if (signal === "SIGHUP" && spec.onDisconnect) hangUp();
    else control.send(signal);
    return true;
  });

  let isBegun = false;
  let isTimedOut = false;
  let timer: NodeJS.Timeout | undefined;
  const begin = (taskId: string) => {
    if (isBegun) return;
    isBegun = true;
    record.up();
    if (isShared) report({ type: "detached", name });
    // It is kept for its retention.
    if (isShared && !spec.autoRemove) task.markLeft();
    output.resolve(new TaskOutput(engine, { taskId, ended: isReadable.promise }));
    if (spec.timeout === undefined) return;
    timer = setTimeout(() => {
      isTimedOut = true;
      stop("timeout");
    }, spec.timeout * 1000);
  };
  const checkPlacement = watchPlacement(report, task);
  const abort = new AbortController();
  const watch = watchTask(engine, serviceId, {
    signal: abort.signal,
    onRetry: () => report(warning(managerAway(name))),
    onView(view) {
      control.view = view;
      checkPlacement(view);
      if (view?.stage.stage === "running") begin(view.task.ID);
    },
  });
  watch.catch(() => {});
  try {
    // A malformed log ends the run.
    const result = await Promise.race([watch, stdio.output.then(() => watch), left.promise]);
    if (isRemoved) return await left.promise;
    if (typeof result === "number") {
      if (!stdio.broken) report({ type: "still-running", name });
      return result;
    }
    if (hasLog(result) && result.task) begin(result.task.ID);
    output.resolve(undefined);
    isReadable.resolve(hasLog(result));
    const [written] = await Promise.allSettled([stdio.output]);
    if (fatalSignal && isUnstarted(result, control)) throw endedBySignal(fatalSignal, exitCodeOf(fatalSignal));
    if (result.stage.stage === "lost") task.markLeft();
    const failureOf = (code: number) => filtered.failureOf(code, spec.body(name));
    const code = await finishTask({ engine, report, record, control, failureOf }, result, task);
    if (isTimedOut) throw timedOut(name, spec.timeout ?? 0);
    if (stdio.broken && !isHungUp) {
      if (stdio.broken.error.code !== "EPIPE") throw outputFailed(stdio.broken, "was stopped");
      return exitCodeOf("SIGPIPE");
    }
    if (written.status === "rejected") throw written.reason;
    return code;
  } catch (error) {
    if (isRemoved) return await left.promise;
    if (!isManagerAway(error)) throw error;
    task.markLeft();
    throw engineLost(name, "unknown", error);
  } finally {
    clearTimeout(timer);
    abort.abort();
    output.resolve(undefined);
    isReadable.resolve(false);
  }
}

/** Whether oneoff has stopped the task before its command ran. */
const isUnstarted = ({ stage }: TaskResult, { isWithdrawn }: TaskControl) =>
  (stage.stage === "stopped" && stage.code === undefined) || (stage.stage === "removed" && isWithdrawn);

/** The first ^C goes to the command, the second stops it, and the third removes it. */
function interruptions(...[send, stop, remove]: readonly [() => void, () => void, () => void]): () => void {
  const actions = [send, stop, remove];
  return () => actions.shift()?.();
}
