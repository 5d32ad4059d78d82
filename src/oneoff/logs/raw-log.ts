import { outputLost } from "../../errors/io.ts";
import { noRawOutput, rawNeedsOneoff } from "../../errors/oneoff.ts";
import { pumpOutput } from "../../streams/pump.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { watchExit } from "../session/wait.ts";
import { framed } from "./frame-output.ts";
import { type LogRequest, type LogRequestContext, resolveLog } from "./log-request.ts";
import { OutputFollower } from "./output-follower.ts";
import { inspected, toLogRange, whyNoOutput } from "./output-lines.ts";
import { openLoggedOutput } from "./stored-output.ts";

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
  const { one } = scope;
  if (!one) throw rawNeedsOneoff(scope.app);
  const oneoff = await inspected(engine, one);
  const reason = whyNoOutput(oneoff, journalled);
  if (!oneoff || reason) throw noRawOutput(one.name, reason ?? "removed");
  const { Config, State, HostConfig } = oneoff.details;
  const logConfig = HostConfig.LogConfig;
  const range = toLogRange(selection);
  const tty = Config.Tty ?? false;
  const open = async () => {
    if (!request.follow || !State.Running) return await openLoggedOutput({ ...context, ...one, tty, logConfig }, range);
    const { exit } = await watchExit(engine, { id: one.id, state: "up" });
    return framed(await OutputFollower.open(context, { ...one, tty, exit, logConfig, stdin: false, range }), { tty });
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
