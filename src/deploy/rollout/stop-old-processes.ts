import { setTimeout as pause } from "node:timers/promises";
import { inspectContainer, removeContainer, stopContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { because, warning } from "../../errors/error.ts";
import { retryUntilReconnected } from "../../oneoff/session/reconnect.ts";
import type { Report } from "../../output/events.ts";
import { removeAliases } from "./aliases.ts";
import { DEFAULT_PROCESS_STOP_TIMEOUT_S } from "./process-spec.ts";

/** For clients that just resolved the address: Linux repeats a lost SYN after 1 s. */
const DEFAULT_DRAIN_S = 2;

/** A process that was replaced. */
interface OldProcess {
  /** Container ID. */
  readonly id: string;
  readonly app: string;
  readonly type: string;
  /** `web.1` */
  readonly name: string;
}

export interface OldProcessContext {
  readonly engine: Transport;
  readonly report: Report;
  /** How many seconds old processes accept connections after the switch. */
  readonly drain?: number | undefined;
}

/**
 * Removes the aliases of old processes, stops them, web first, and removes them. A failure is only a warning: the other
 * processes are stopped all the same, and the next deploy removes the rest.
 */
export async function stopOldProcesses(context: OldProcessContext, processes: readonly OldProcess[]): Promise<void> {
  let hadAliases = false;
  // One at a time: in parallel, reconnecting containers could get each other's address.
  for (const one of processes) {
    await retryOrWarn(context, one, async ({ engine }, { id, app }) => {
      if (await removeAliases(engine, app, await inspectContainer(engine, id))) hadAliases = true;
    });
  }
  const { drain = DEFAULT_DRAIN_S } = context;
  if (hadAliases) await pause(drain * 1000);
  const stages = [processes.filter(({ type }) => type === "web"), processes.filter(({ type }) => type !== "web")];
  for (const stage of stages) await Promise.all(stage.map((one) => retryOrWarn(context, one, stopAndRemove)));
}

async function stopAndRemove({ engine, report }: OldProcessContext, { id, app, name }: OldProcess): Promise<void> {
  const { Config, State } = await inspectContainer(engine, id);
  const stopTimeout = Config.StopTimeout ?? DEFAULT_PROCESS_STOP_TIMEOUT_S;
  if (State.Running) report({ type: "process", app, name, state: "stopping", stopTimeout });
  await stopContainer(engine, id);
  await removeContainer(engine, id);
}

/** Ignores processes that were already removed. */
async function retryOrWarn(
  context: OldProcessContext,
  one: OldProcess,
  work: (context: OldProcessContext, one: OldProcess) => Promise<void>,
) {
  try {
    // All requests can be repeated without harm.
    await retryUntilReconnected(context.engine, () => work(context, one));
  } catch (error) {
    if (isRefusal(error, 404, 409)) return;
    context.report(warning(because(`the old ${one.name} of ${one.app} could not be stopped`, error)));
  }
}
