import { addAbortListener } from "node:events";
import type { LogRange } from "../../engine/logs.ts";
import { utcOf } from "../../streams/log-entries.ts";
import { retryUntilReconnected } from "../session/reconnect.ts";
import { watchExit } from "../session/wait.ts";
import { ChunkLines } from "./chunk-lines.ts";
import type { FollowTarget } from "./follow-target.ts";
import type { OutputLine } from "./log-lines.ts";
import { OutputFollower } from "./output-follower.ts";
import { addNanosecond, type InspectedOneoff, type ReadContext, toLogTime, toOutputLine } from "./output-lines.ts";

/** How the output of a container has ended. */
export interface FollowedEnd {
  /** Undefined if the engine has forgotten it. */
  readonly exitCode: number | undefined;
  /** The part of the log that a restart of the container will write. */
  readonly next: LogRange;
}

/**
 * Emits the lines of a running container until it exits. Lines of the live stream have the time at which they are read.
 * @param emit resolves when more lines can be written.
 */
export async function followLines(
  context: ReadContext,
  container: InspectedOneoff,
  range: LogRange,
  emit: (lines: readonly OutputLine[]) => Promise<void>,
  options: Pick<FollowTarget, "maxPauseMs" | "onJoined">,
): Promise<FollowedEnd> {
  const { engine, signal } = context;
  const { id, name, details } = container;
  const { exit } = await retryUntilReconnected(engine, () => watchExit(engine, { id, state: "up" }));
  const tty = details.Config.Tty ?? false;
  const logConfig = details.HostConfig.LogConfig;
  const target = { id, name, tty, exit, stdin: false, range, logConfig, ...options };
  using follower = await OutputFollower.open(context, target);
  using _closing = addAbortListener(signal, () => follower[Symbol.dispose]());
  const lines = new ChunkLines(() => new Date(context.engine.clock.now() * 1000).toISOString());
  const failed = Promise.withResolvers<never>();
  let emitted = Promise.resolve();
  const following = follower.read((chunk) => {
    const whole = lines.push(chunk).map(toOutputLine(context, container));
    if (whole.length === 0) return true;
    emitted = emitted.then(() => emit(whole));
    emitted.then(() => follower.resume(), failed.reject);
    return false;
  });
  const last = await Promise.race([following, failed.promise]);
  await emitted;
  await emit(lines.end().map(toOutputLine(context, container)));
  const exitCode = await exit.then(
    ({ StatusCode }) => StatusCode,
    () => undefined,
  );
  const stamp = last && utcOf(last);
  return { exitCode, next: stamp ? { since: addNanosecond(toLogTime(stamp)) } : {} };
}
