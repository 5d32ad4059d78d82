import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { WaitResult } from "../../engine/types.ts";
import { waitContainer } from "../../engine/wait.ts";
import { exitUnknown, isConnectionLoss, isRefusal } from "../../errors/engine.ts";
import { exitCodeOf } from "../../terminal/signals.ts";
import { isLive, type Oneoff } from "../lookup/oneoff.ts";
import { onceBack } from "./reconnect.ts";

/** How one that was stopped ends: it heeds SIGTERM or does not. */
const STOPPED: readonly number[] = [exitCodeOf("SIGTERM"), exitCodeOf("SIGKILL")];

export interface Ending {
  readonly code: number;
  /** It was stopped because its time had come. */
  readonly late: boolean;
}

/** Waits for a one-off's end, which may be long past. */
export async function endOf(engine: Transport, oneoff: Oneoff): Promise<Ending> {
  const past = isLive(oneoff) ? undefined : oneoff.code;
  const code = past ?? codeOf(await (await awaitEnd(engine, oneoff)).exit);
  return { code, late: await isLate(engine, oneoff, code) };
}

/** Whether one that has ended with this code was stopped because its time had come. */
export async function isLate(engine: Transport, oneoff: Oneoff, code: number): Promise<boolean> {
  const { id, timeout, created } = oneoff;
  if (timeout === undefined || !STOPPED.includes(code)) return false;
  try {
    const { StartedAt = "", FinishedAt = "" } = (await inspectContainer(engine, id)).State;
    return Date.parse(FinishedAt) - Date.parse(StartedAt) >= timeout * 1000;
  } catch (error) {
    // Removed at its end: it has just been.
    if (isRefusal(error, 404)) return engine.clock.passed() - created >= timeout;
    throw error;
  }
}

/** @throws OneoffError when the engine does not know it. */
export function codeOf({ StatusCode, Error: failure }: WaitResult): number {
  if (failure?.Message) throw exitUnknown(failure.Message);
  return StatusCode;
}

/**
 * How one will end that lives. Returns when the engine has acknowledged that it will tell. A connection that is cut, as by a
 * proxy that closes idle ones, is made again.
 */
export async function awaitEnd(
  engine: Transport,
  { id, state }: Pick<Oneoff, "id" | "state">,
): Promise<{ exit: Promise<WaitResult> }> {
  if (state !== "starting") return patient(engine, id, await waitContainer(engine, id, "not-running"));
  // The engine takes what was never started for what has ended, and an end that has just been for none of the next.
  const next = await waitContainer(engine, id, "next-exit");
  const { Status, ExitCode = 0 } = (await inspectContainer(engine, id)).State;
  return Status === "exited" ? { exit: Promise.resolve({ StatusCode: ExitCode }) } : patient(engine, id, next);
}

function patient(engine: Transport, id: string, waiting: { exit: Promise<WaitResult> }) {
  const exit = waiting.exit.catch(async (error: unknown) => {
    if (!isConnectionLoss(error)) throw error;
    const again = await onceBack(engine, async () => await nextEnd(engine, id)).catch((refusal: unknown) => {
      // The engine removes some one-offs at their end, and the code with it.
      throw isRefusal(refusal, 404) ? exitUnknown("it was removed while the connection was lost") : refusal;
    });
    if (!again) throw error;
    return await again.exit;
  });
  exit.catch(() => {});
  return { exit };
}

async function nextEnd(engine: Transport, id: string): Promise<{ exit: Promise<WaitResult> }> {
  const { Status } = (await inspectContainer(engine, id)).State;
  return await awaitEnd(engine, { id, state: Status === "created" ? "starting" : "up" });
}
