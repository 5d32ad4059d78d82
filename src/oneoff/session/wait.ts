import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { WaitResult } from "../../engine/types.ts";
import { waitContainer } from "../../engine/wait.ts";
import { exitUnknown, isConnectionLoss, isRefusal } from "../../errors/engine.ts";
import { exitCodeOf } from "../../terminal/signals.ts";
import { isLive, type Oneoff } from "../lookup/oneoff.ts";
import { pollUntilReconnected } from "./reconnect.ts";

/** Exit codes of a stopped command: it exited on SIGTERM, or was killed. */
export const STOP_EXIT_CODES: readonly number[] = [exitCodeOf("SIGTERM"), exitCodeOf("SIGKILL")];

export interface OneoffExit {
  readonly code: number;
  /** Stopped because of its --timeout. */
  readonly timedOut: boolean;
}

/** Waits for a one-off to exit. It may have exited long ago. */
export async function waitForExit(engine: Transport, oneoff: Oneoff): Promise<OneoffExit> {
  const exitCode = isLive(oneoff) ? undefined : oneoff.code;
  const code = exitCode ?? exitCodeOfWait(await (await watchExit(engine, oneoff)).exit);
  return { code, timedOut: await exceededTimeout(engine, oneoff, code) };
}

/** Whether a one-off with this exit code was stopped because of its --timeout. */
export async function exceededTimeout(engine: Transport, oneoff: Oneoff, code: number): Promise<boolean> {
  const { id, timeout, created } = oneoff;
  if (timeout === undefined || !STOP_EXIT_CODES.includes(code)) return false;
  try {
    const { StartedAt = "", FinishedAt = "" } = (await inspectContainer(engine, id)).State;
    return Date.parse(FinishedAt) - Date.parse(StartedAt) >= timeout * 1000;
  } catch (error) {
    // The engine removed the container on exit, which was just now.
    if (isRefusal(error, 404)) return engine.clock.passed() - created >= timeout;
    throw error;
  }
}

/** @throws OneoffError if the engine does not know the exit code. */
export function exitCodeOfWait({ StatusCode, Error: failure }: WaitResult): number {
  if (failure?.Message) throw exitUnknown(failure.Message);
  return StatusCode;
}

/**
 * Waits for a live one-off to exit. Resolves when the engine has acknowledged the wait. The wait is repeated when its
 * connection is cut, e.g. by a proxy that closes idle connections.
 */
export async function watchExit(
  engine: Transport,
  { id, state }: Pick<Oneoff, "id" | "state">,
): Promise<{ exit: Promise<WaitResult> }> {
  if (state !== "starting") return withReconnect(engine, id, await waitContainer(engine, id, "not-running"));
  // "not-running" is true for a container that never started, and "next-exit" misses an exit that has just happened.
  const next = await waitContainer(engine, id, "next-exit");
  const { Status, ExitCode = 0 } = (await inspectContainer(engine, id)).State;
  return Status === "exited" ? { exit: Promise.resolve({ StatusCode: ExitCode }) } : withReconnect(engine, id, next);
}

function withReconnect(engine: Transport, id: string, wait: { exit: Promise<WaitResult> }) {
  const exit = wait.exit.catch(async (error: unknown) => {
    if (!isConnectionLoss(error)) throw error;
    const retried = await pollUntilReconnected(engine, async () => await rewatchExit(engine, id)).catch(
      (refusal: unknown) => {
        // The engine removes some one-offs on exit, and the exit code with them.
        throw isRefusal(refusal, 404) ? exitUnknown("it was removed while the connection was lost") : refusal;
      },
    );
    if (!retried) throw error;
    return await retried.exit;
  });
  exit.catch(() => {});
  return { exit };
}

async function rewatchExit(engine: Transport, id: string): Promise<{ exit: Promise<WaitResult> }> {
  const { Status } = (await inspectContainer(engine, id)).State;
  return await watchExit(engine, { id, state: Status === "created" ? "starting" : "up" });
}
