import { removeContainer, stopContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { linesOf, warning } from "../../errors/error.ts";
import { swarmReplaces } from "../../errors/oneoff.ts";
import type { Report } from "../../output/events.ts";
import type { AppProcess } from "../apps/find-process.ts";
import { type Journal, openRecord } from "../journal/journal.ts";
import { isLive, type Oneoff } from "../lookup/oneoff.ts";

/**
 * Sends SIGTERM, then SIGKILL after `stopTimeout` seconds or the one-off's own stop timeout. Removes one that never started.
 * @returns false if it has already exited.
 */
export async function stopOneoff(engine: Transport, { id, state }: Pick<Oneoff, "id" | "state">, stopTimeout?: number) {
  try {
    // Stopped before it is removed: it may have been started meanwhile.
    await stopContainer(engine, id, stopTimeout);
    if (state === "starting") await removeContainer(engine, id);
    return true;
  } catch (error) {
    if (isRefusal(error, 404, 409)) return false;
    throw error;
  }
}

/**
 * Stops all in parallel. Each failure is reported after all have been tried.
 * @param elsewhere stops and reports one-offs of a Swarm.
 * @throws the engine's error for the last one.
 */
export async function stopOneoffs(
  { engine, report, journal }: { readonly engine: Transport; readonly report: Report; readonly journal: Journal },
  oneoffs: readonly (Oneoff | AppProcess)[],
  stopTimeout: number | undefined,
  elsewhere: readonly (() => Promise<void>)[] = [],
): Promise<void> {
  const stopHere = async (oneoff: Oneoff | AppProcess) => {
    const { name, app } = oneoff;
    const isProcess = "from" in oneoff;
    if (isLive(oneoff) && !isProcess) openRecord(journal, oneoff).stopping("SIGTERM");
    // A process between two start attempts is stopped, never removed.
    const state = isProcess ? "up" : oneoff.state;
    const stopped = isLive(oneoff) && (await stopOneoff(engine, { id: oneoff.id, state }, stopTimeout));
    if (stopped && isProcess && oneoff.from === "swarm") {
      report(warning(swarmReplaces(name, app)));
    }
    report({ type: stopped ? "stopped" : "already-exited", name, app });
  };
  const results = await Promise.allSettled([...oneoffs.map(stopHere), ...elsewhere.map((stop) => stop())]);
  // By message, so that a lost engine is reported once.
  const failures = new Map<string, Error>(
    results.flatMap((result) => (result.status === "rejected" ? [[result.reason.message, result.reason]] : [])),
  );
  const last = [...failures.values()].at(-1);
  for (const failure of failures.values()) if (failure !== last) report(warning(linesOf(failure)));
  if (last) throw last;
}
