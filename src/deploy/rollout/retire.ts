import { setTimeout as pause } from "node:timers/promises";
import { inspectContainer, removeContainer, stopContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { because, warning } from "../../errors/error.ts";
import { retryUntilReconnected } from "../../oneoff/session/reconnect.ts";
import type { Report } from "../../output/events.ts";
import { withdraw } from "./aliases.ts";
import { STOP_GRACE } from "./process-spec.ts";

/** How long clients that have just looked up an app's address may take to connect: a kernel retries after a second. */
const DRAIN_S = 2;

/** A process whose time is over. */
interface Former {
  /** The container's. */
  readonly id: string;
  readonly app: string;
  readonly type: string;
  /** `web.1` */
  readonly name: string;
}

export interface Retiring {
  readonly engine: Transport;
  readonly report: Report;
  /** How long old processes still accept connections after the switch, in seconds. */
  readonly drain?: number | undefined;
}

/**
 * Nobody finds them any more; then SIGTERM, SIGKILL after their grace, and they are removed: web first. Each in what it
 * does is on its own, and a failure changes nothing any more: the next one to deploy finds what is left.
 */
export async function retireAll(retiring: Retiring, leaving: readonly Former[]): Promise<void> {
  let wasFound = false;
  // One after the other, for each is to get its own address back.
  for (const one of leaving) {
    await resigned(retiring, one, async ({ engine }, { id, app }) => {
      if (await withdraw(engine, app, await inspectContainer(engine, id))) wasFound = true;
    });
  }
  const { drain = DRAIN_S } = retiring;
  if (wasFound) await pause(drain * 1000);
  const stages = [leaving.filter(({ type }) => type === "web"), leaving.filter(({ type }) => type !== "web")];
  for (const stage of stages) await Promise.all(stage.map((one) => resigned(retiring, one, end)));
}

async function end({ engine, report }: Retiring, { id, app, name }: Former): Promise<void> {
  const { Config, State } = await inspectContainer(engine, id);
  const grace = Config.StopTimeout ?? STOP_GRACE;
  if (State.Running) report({ type: "process", app, name, state: "stopping", stopTimeout: grace });
  await stopContainer(engine, id);
  await removeContainer(engine, id);
}

/** What has gone by itself is fine. */
async function resigned(retiring: Retiring, one: Former, work: (retiring: Retiring, one: Former) => Promise<void>) {
  try {
    // Whatever of it has been done already is done again without harm.
    await retryUntilReconnected(retiring.engine, () => work(retiring, one));
  } catch (error) {
    if (isRefusal(error, 404, 409)) return;
    retiring.report(warning(because(`the former ${one.name} of ${one.app} could not be stopped`, error)));
  }
}
