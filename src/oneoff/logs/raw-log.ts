import { outputLost } from "../../errors/io.ts";
import { noRawOutput } from "../../errors/oneoff.ts";
import { pumpOutput } from "../../streams/pump.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { OutputFollower } from "../follow/follow-output.ts";
import type { FollowContext } from "../follow/followed.ts";
import { framed } from "../follow/framed.ts";
import { openLoggedOutput } from "../follow/logged-output.ts";
import type { JournalEntry } from "../journal/journal.ts";
import { watchExit } from "../session/wait.ts";
import type { Known } from "./log-scope.ts";
import { isKept, type Logged, logTime } from "./output-lines.ts";
import { inspected, type Wanted } from "./read-past.ts";

/**
 * What a one-off has written, byte for byte, to our stdout and stderr.
 * @throws OneoffError when nothing was kept, or not all can be written.
 */
export async function copyLog(
  context: FollowContext & { readonly terminal: Terminal },
  one: Known,
  journalled: readonly JournalEntry[],
  { count, since, follow }: Wanted & { readonly follow: boolean },
): Promise<void> {
  const { engine, terminal } = context;
  const found = await inspected(engine, one);
  const fate = whyNoOutput(found, journalled);
  if (!found || fate) throw noRawOutput(one.name, fate ?? "removed");
  const { Config, State, HostConfig } = found.details;
  const logConfig = HostConfig.LogConfig;
  const range = { tail: Number.isFinite(count) ? count : undefined, since: since && logTime(since) };
  const tty = Config.Tty ?? false;
  const open = async () => {
    if (!follow || !State.Running) return await openLoggedOutput({ ...context, ...one, tty, logConfig }, range);
    const { exit } = await watchExit(engine, { id: one.id, state: "up" });
    return framed(await OutputFollower.open(context, { ...one, tty, exit, logConfig, stdin: false, range }), { tty });
  };
  using log = await open();
  const broken = Promise.withResolvers<never>();
  const copying = pumpOutput(log, tty ? "raw" : "multiplexed", terminal, (_channel, error) =>
    broken.reject(outputLost(error)),
  );
  // What becomes of the rest is nobody's business then.
  copying.catch(() => {});
  await Promise.race([copying, broken.promise]);
}

/** @param found undefined for one whose container has gone. */
export function whyNoOutput(
  found: Logged | undefined,
  journalled: readonly JournalEntry[],
): "terminal" | "removed" | undefined {
  if (found) return isKept(found.details) ? undefined : "terminal";
  return journalled.some((entry) => entry.event === "starting" && entry.detached) ? "removed" : "terminal";
}
