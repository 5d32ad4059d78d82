import { setTimeout as pause } from "node:timers/promises";
import { exitUnknown, isRefusal, waitBroken } from "../errors.ts";
import { inspectContainer } from "./containers.ts";
import type { Transport } from "./transport.ts";
import type { ContainerDetails, WaitResult } from "./types.ts";

type Condition = "not-running" | "next-exit" | "removed";

/**
 * `POST /containers/{id}/wait`. Returns when the engine has acknowledged it, with the promise of the result inside an
 * object: a caller must be able to start the container in between.
 * `next-exit` answers sooner than `removed`, with the same code.
 */
export async function waitContainer(
  engine: Transport,
  id: string,
  condition: Condition,
): Promise<{ exit: Promise<WaitResult> }> {
  const isWatched = condition === "next-exit" && engine.dialect.missesExits;
  const [response, before] = await Promise.all([
    engine.send({ method: "POST", path: `/containers/${id}/wait`, query: { condition } }),
    isWatched ? inspectContainer(engine, id) : undefined,
  ]);
  const told = response.json<WaitResult>().catch((error: unknown) => Promise.reject(waitBroken(error)));
  const exit = before ? toldOrSeen(engine, before, told) : told;
  // It may break long before anybody asks for it.
  exit.catch(() => {});
  return { exit };
}

async function toldOrSeen(engine: Transport, before: ContainerDetails, told: Promise<WaitResult>) {
  const over = new AbortController();
  try {
    return await Promise.race([told, seen(engine, before, over.signal)]);
  } finally {
    over.abort();
  }
}

/** How long an end is looked for in what has been told when the container is gone, in milliseconds. */
const TELLING = 5_000;

/** The end of a container that is started after it was as it was before. */
async function seen(engine: Transport, before: ContainerDetails, signal: AbortSignal): Promise<WaitResult> {
  const sleep = (ms: number) => pause(ms, undefined, { signal, ref: false });
  const { Id, State } = before;
  try {
    for (let ms = 100; ; ms = Math.min(2 * ms, 2_000)) {
      await sleep(ms);
      const { Status, ExitCode = 0, FinishedAt } = (await inspectContainer(engine, Id)).State;
      if (Status === "exited" && FinishedAt !== State.FinishedAt) return { StatusCode: ExitCode };
      if (Status !== "running") continue;
      // It also knows the code of what is removed meanwhile.
      const path = `/libpod/containers/${Id}/wait`;
      const response = await engine.send({ method: "POST", path, query: { interval: "1s" }, signal });
      return { StatusCode: await response.json<number>() };
    }
  } catch (error) {
    if (!isRefusal(error, 404)) throw waitBroken(error);
    await sleep(TELLING);
    throw exitUnknown(error.reason);
  }
}
