import { outputLost } from "../../errors/io.ts";
import { noRawOutput, rawNeedsOneoff } from "../../errors/oneoff.ts";
import { pumpOutput } from "../../streams/pump.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import type { AppProcess } from "../apps/find-process.ts";
import { isLive } from "../lookup/oneoff.ts";
import { watchExit } from "../session/wait.ts";
import { frameOutput } from "./frame-output.ts";
import { type LogRequest, type LogRequestContext, resolveLog } from "./log-request.ts";
import type { LogScope } from "./log-scope.ts";
import { OutputFollower } from "./output-follower.ts";
import { inspectOneoff, missingOutputReason, toLogRange } from "./output-lines.ts";
import { openStoredOutput } from "./stored-output.ts";

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
  const oneoff = scope.oneoff ?? soleProcess(scope);
  if (!oneoff) throw rawNeedsOneoff(scope.app);
  const inspected = await inspectOneoff(engine, oneoff);
  const reason = missingOutputReason(inspected, journalled);
  if (!inspected || reason) throw noRawOutput(oneoff.name, reason ?? "removed");
  const { Config, State, HostConfig } = inspected.details;
  const logConfig = HostConfig.LogConfig;
  const range = toLogRange(selection);
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
  const broken = Promise.withResolvers<never>();
  const copying = pumpOutput(log, tty ? "raw" : "multiplexed", terminal, (_channel, error) =>
    broken.reject(outputLost(error)),
  );
  // After a failed write, the rest of the output does not matter.
  copying.catch(() => {});
  await Promise.race([copying, broken.promise]);
}

/** During a rollout, several containers have the name: a running one takes precedence. */
function soleProcess({ filter, processes }: LogScope): AppProcess | undefined {
  const isNamed = processes.some(({ name }) => name === filter?.part);
  return isNamed ? (processes.find(isLive) ?? processes.at(-1)) : undefined;
}
