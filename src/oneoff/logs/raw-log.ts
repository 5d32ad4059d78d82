import { outputLost } from "../../errors/io.ts";
import { noRawOutput, rawNeedsOneoff } from "../../errors/oneoff.ts";
import { type ByteSource, pumpOutput } from "../../streams/pump.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import type { AppProcess } from "../apps/find-process.ts";
import { isLive } from "../lookup/oneoff.ts";
import { watchExit } from "../session/wait.ts";
import { isFinal } from "../swarm/tasks/task-facts.ts";
import { frameOutput } from "./frame-output.ts";
import { type LogRequest, type LogRequestContext, resolveLog } from "./log-request.ts";
import type { LogScope } from "./log-scope.ts";
import { OutputFollower } from "./output-follower.ts";
import { inspectOneoff, missingOutputReason, toLogRange } from "./output-lines.ts";
import { openStoredOutput } from "./stored-output.ts";
import { isLocalTask } from "./swarm/service-log.ts";
import type { LoggedTask } from "./swarm/service-log-types.ts";

/**
 * Copies the output of a one-off byte for byte to stdout and stderr.
 * @throws OneoffError if no output was kept, or it cannot be written completely.
 */
export async function copyRawLog(
  context: LogRequestContext & { readonly terminal: Terminal },
  request: LogRequest,
): Promise<void> {
  const { engine, terminal } = context;
  const { scope, selection, journalled } = await resolveLog(context, request);
  const task = soleTask(scope);
  const oneoff = (task ? toContainer(task) : undefined) ?? scope.oneoff ?? soleProcess(scope);
  if (!oneoff) throw rawNeedsOneoff(scope.app);
  const range = toLogRange(selection);
  if (task && scope.swarm && !isLocalTask(scope.swarm, task)) {
    const { openTaskOutput } = await import("./swarm/raw-task-log.ts");
    using output = openTaskOutput(engine, task, { range, follow: request.follow });
    return await copy(output, "multiplexed", terminal);
  }
  const inspected = await inspectOneoff(engine, oneoff);
  const reason = missingOutputReason(inspected, journalled);
  if (!inspected || reason) throw noRawOutput(oneoff.name, reason ?? "removed");
  const { Config, State, HostConfig } = inspected.details;
  const logConfig = HostConfig.LogConfig;
  const tty = Config.Tty ?? false;
  const open = async () => {
    if (!request.follow || !State.Running)
      return await openStoredOutput({ ...context, ...oneoff, tty, logConfig }, range);
    const { exit } = await watchExit(engine, { id: oneoff.id, state: "up" });
    return frameOutput(await OutputFollower.open(context, { ...oneoff, tty, exit, logConfig, stdin: false, range }), {
      tty,
    });
  };
  using log = await open();
  await copy(log, tty ? "raw" : "multiplexed", terminal);
}

/** @throws OneoffError if the output cannot be written completely */
async function copy(output: ByteSource, format: "raw" | "multiplexed", terminal: Terminal): Promise<void> {
  const broken = Promise.withResolvers<never>();
  const copying = pumpOutput(output, format, terminal, (_channel, error) => broken.reject(outputLost(error)));
  // After a failed write, the rest of the output does not matter.
  copying.catch(() => {});
  await Promise.race([copying, broken.promise]);
}

/** The task of a one-off, or the latest one with the name of a process. */
function soleTask({ swarm, oneoff }: LogScope): LoggedTask | undefined {
  const tasks = swarm?.tasks.filter(({ containerId }) => containerId !== undefined) ?? [];
  const names = new Set(tasks.map(({ name }) => name));
  return oneoff || names.size === 1 ? (tasks.find(({ task }) => !isFinal(task)) ?? tasks[0]) : undefined;
}

const toContainer = ({ containerId: id = "", service: { app }, name }: LoggedTask) => ({ id, app, name });

/** During a rollout, several containers have the name: a running one takes precedence. */
function soleProcess({ filter, processes }: LogScope): AppProcess | undefined {
  const isNamed = processes.some(({ name }) => name === filter?.part);
  return isNamed ? (processes.find(isLive) ?? processes.at(-1)) : undefined;
}
