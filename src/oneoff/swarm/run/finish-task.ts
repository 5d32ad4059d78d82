import { inspectContainer } from "../../../engine/containers.ts";
import type { Transport } from "../../../engine/transport.ts";
import { EngineRefused } from "../../../errors/engine.ts";
import { type OneoffError, warning } from "../../../errors/error.ts";
import { maybeOutOfMemory } from "../../../errors/swarm-task.ts";
import type { Report } from "../../../output/events.ts";
import type { openRecord } from "../../journal/journal.ts";
import type { StartedTask } from "./started-task.ts";
import type { TaskControl } from "./task-control.ts";
import { exitCodeOfTask } from "./task-end.ts";
import type { TaskResult } from "./watch-task.ts";

/** 128 + SIGKILL. */
const SIGKILL_EXIT_CODE = 137;

interface FinishContext {
  readonly engine: Transport;
  readonly report: Report;
  readonly record: ReturnType<typeof openRecord>;
  readonly control: TaskControl;
  /** Why the command was not executed, for an exit code. */
  failureOf(code: number): OneoffError | undefined;
}

/** Whether the log of an ended task can be read. */
export const hasLog = ({ stage }: TaskResult): boolean =>
  stage.stage === "exited" || stage.stage === "unknown" || (stage.stage === "stopped" && stage.code !== undefined);

/** Records the end of a task. Call it when its output is written. @returns the exit code. @throws as `exitCodeOfTask`. */
export async function finishTask(context: FinishContext, result: TaskResult, task: StartedTask): Promise<number> {
  const { engine, report, record, control, failureOf } = context;
  const { name, spec } = task;
  try {
    const code = await exitCodeOfTask(engine, result, { ...task, isStopped: control.isStopped });
    const failure = failureOf(code);
    const mayLackMemory = code === SIGKILL_EXIT_CODE && spec.memory !== undefined && !control.isStopped;
    const oom = mayLackMemory ? await wasOutOfMemory(engine, control) : false;
    if (oom && spec.memory) report({ type: "oom-killed", name, memoryLimit: spec.memory });
    if (oom === undefined) report(warning(maybeOutOfMemory(name)));
    record.exited(failure?.exit ?? code, { oom: oom ?? false });
    if (failure) throw failure;
    return code;
  } catch (error) {
    // A refused start is repeated without an init.
    if (result.stage.stage === "not-started")
      record.exited(undefined, { replaced: error instanceof EngineRefused && spec.init === "default" });
    else if (result.stage.stage === "stopped") record.exited(result.stage.code);
    throw error;
  }
}

/** @returns undefined if this engine does not have the container. */
async function wasOutOfMemory(engine: Transport, control: TaskControl): Promise<boolean | undefined> {
  const container = await control.localContainer();
  if (container === undefined) return undefined;
  return (await inspectContainer(engine, container)).State.OOMKilled ?? false;
}
