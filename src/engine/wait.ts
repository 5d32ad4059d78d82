import { setTimeout as pause } from "node:timers/promises";
import { exitUnknown, isRefusal, waitBroken } from "../errors/engine.ts";
import { waitResult } from "./answers.ts";
import { inspectContainer } from "./containers.ts";
import { number } from "./shapes.ts";
import type { Transport } from "./transport.ts";
import type { ContainerDetails, WaitResult } from "./types.ts";

/**
 * `POST /containers/{id}/wait`. Resolves when the engine has acknowledged it, with the promise of the result in an
 * object, so that the caller can start the container in between.
 */
export async function waitContainer(
  engine: Transport,
  id: string,
  condition: "not-running" | "next-exit",
): Promise<{ exit: Promise<WaitResult> }> {
  const [response, before] = await Promise.all([
    engine.send({ method: "POST", path: `/containers/${id}/wait`, query: { condition }, isOpenEnded: true }),
    engine.quirks.missesExits ? inspectContainer(engine, id) : undefined,
  ]);
  const reported = response.json<WaitResult>(waitResult).catch((error: unknown) => Promise.reject(waitBroken(error)));
  const exit = before ? firstExit(engine, before, reported) : reported;
  // The promise may reject long before it is awaited.
  exit.catch(() => {});
  return { exit };
}

async function firstExit(engine: Transport, before: ContainerDetails, reported: Promise<WaitResult>) {
  const abort = new AbortController();
  const watched = watchExit(engine, before, abort.signal);
  watched.catch(() => {});
  try {
    return await Promise.race([watched, reported.then((result) => (result.Error?.Message ? watched : result))]);
  } finally {
    abort.abort();
  }
}

/** Waits for the next exit of a container. */
async function watchExit(engine: Transport, before: ContainerDetails, signal: AbortSignal): Promise<WaitResult> {
  const sleep = (ms: number) => pause(ms, undefined, { signal, ref: false });
  const { Id, State } = before;
  try {
    let { Status, ExitCode = 0, FinishedAt } = State;
    for (let ms = 100; Status !== "running"; ms = Math.min(2 * ms, 2_000)) {
      await sleep(ms);
      ({ Status, ExitCode = 0, FinishedAt } = (await inspectContainer(engine, Id)).State);
      if (Status === "exited" && FinishedAt !== State.FinishedAt) return { StatusCode: ExitCode };
    }
    // The wait also reports the code of a container that is removed meanwhile.
    const path = `/libpod/containers/${Id}/wait`;
    const response = await engine.send({ method: "POST", path, query: { interval: "1s" }, signal, isOpenEnded: true });
    return { StatusCode: await response.json<number>(number) };
  } catch (error) {
    if (!isRefusal(error, 404)) throw waitBroken(error);
    // The wait may still report its code.
    await sleep(engine.timeoutsMs.removedExit);
    throw exitUnknown(error.reason);
  }
}
