import { setTimeout as pause } from "node:timers/promises";
import { inspectContainer, removeContainer, stopContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { because, warning } from "../../errors/error.ts";
import { retryUntilReconnected } from "../../oneoff/session/reconnect.ts";
import type { Report } from "../../output/events.ts";
import { removeAliases } from "./aliases.ts";
import { DEFAULT_PROCESS_STOP_TIMEOUT_S } from "./process-spec.ts";

/** How long clients that have just looked up an app's address may take to connect: a kernel retries after a second. */
const DEFAULT_DRAIN_S = 2;

/** A process whose time is over. */
interface OldProcess {
  /** The container's. */
  readonly id: string;
  readonly app: string;
  readonly type: string;
  /** `web.1` */
  readonly name: string;
}

export interface OldProcessContext {
  readonly engine: Transport;
  readonly report: Report;
  /** How long old processes still accept connections after the switch, in seconds. */
  readonly drain?: number | undefined;
}

/**
 * Nobody finds them any more; then SIGTERM, SIGKILL after their grace, and they are removed: web first. Each in what it
 * does is on its own, and a failure changes nothing any more: the next one to deploy finds what is left.
 */
export async function stopOldProcesses(retiring: OldProcessContext, leaving: readonly OldProcess[]): Promise<void> {
  let wasFound = false;
  // One after the other, for each is to get its own address back.
  for (const one of leaving) {
    await retryOrWarn(retiring, one, async ({ engine }, { id, app }) => {
      if (await removeAliases(engine, app, await inspectContainer(engine, id))) wasFound = true;
    });
  }
  const { drain = DEFAULT_DRAIN_S } = retiring;
  if (wasFound) await pause(drain * 1000);
  const stages = [leaving.filter(({ type }) => type === "web"), leaving.filter(({ type }) => type !== "web")];
  for (const stage of stages) await Promise.all(stage.map((one) => retryOrWarn(retiring, one, stopAndRemove)));
}

async function stopAndRemove({ engine, report }: OldProcessContext, { id, app, name }: OldProcess): Promise<void> {
  const { Config, State } = await inspectContainer(engine, id);
  const grace = Config.StopTimeout ?? DEFAULT_PROCESS_STOP_TIMEOUT_S;
  if (State.Running) report({ type: "process", app, name, state: "stopping", stopTimeout: grace });
  await stopContainer(engine, id);
  await removeContainer(engine, id);
}

/** What has gone by itself is fine. */
async function retryOrWarn(
  retiring: OldProcessContext,
  one: OldProcess,
  work: (retiring: OldProcessContext, one: OldProcess) => Promise<void>,
) {
  try {
    // Whatever of it has been done already is done again without harm.
    await retryUntilReconnected(retiring.engine, () => work(retiring, one));
  } catch (error) {
    if (isRefusal(error, 404, 409)) return;
    retiring.report(warning(because(`the old ${one.name} of ${one.app} could not be stopped`, error)));
  }
}
