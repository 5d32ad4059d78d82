import { setTimeout as pause } from "node:timers/promises";
import { uptime } from "../../../engine/clock.ts";
import { containerEvents } from "../../../engine/events.ts";
import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import { listTasks } from "../../../engine/swarm/tasks.ts";
import type { Transport } from "../../../engine/transport.ts";
import { holderFailed, holderNotScheduled } from "../../../errors/swarm-run.ts";
import { retryUntilManaged } from "../manager-retry.ts";
import { isFinalState } from "../tasks/task-states.ts";

/** Swarm adds it to the containers of a service. */
export const SERVICE_LABEL = "com.docker.swarm.service.name";

const CHECK_INTERVAL_MS = 100;

/** The start of a holder. Disposing it ends the requests. */
export interface HolderStart extends Disposable {
  /** Call it when the service is created. */
  begin(): void;
  /** Resolves with the ID of the container: then a container can share its network. */
  readonly created: Promise<string>;
  /** Resolves when the container runs: then the other can start. */
  readonly running: Promise<string>;
}

/**
 * Watches the container of a holder that is not created yet. The engine of the node knows it sooner than the manager.
 * Both promises reject with an OneoffError if the task fails, or does not start in time.
 */
export async function watchHolder(
  { manager, engine }: { readonly manager: Transport; readonly engine: Transport },
  { node, startTimeoutS }: { readonly node: SwarmNode; readonly startTimeoutS: number },
  service: string,
): Promise<HolderStart> {
  const label = [`${SERVICE_LABEL}=${service}`];
  const events = await containerEvents(engine, { label, event: ["create", "start"] });
  const [created, running] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let isOver = false;
  const fail = (error: unknown) => {
    created.reject(error);
    running.reject(error);
  };
  for (const { promise } of [created, running]) promise.catch(() => {});
  const readEvents = async () => {
    for await (const { Action, Actor } of events) {
      created.resolve(Actor.ID);
      if (Action === "start") running.resolve(Actor.ID);
    }
  };
  const checkTask = async () => {
    const start = uptime();
    while (!isOver) {
      await pause(CHECK_INTERVAL_MS, undefined, { ref: false });
      if (isOver) return;
      const [task] = await retryUntilManaged(manager, () => listTasks(manager, { service: [service] }));
      const { State, Err = "", Message = "" } = task?.Status ?? {};
      if (State && isFinalState(State)) throw holderFailed(node.Description.Hostname, Err || Message);
      if (uptime() - start > startTimeoutS) throw holderNotScheduled(node.Description.Hostname, Err || Message);
    }
  };
  readEvents().catch(fail);
  return {
    begin: () => void checkTask().catch(fail),
    created: created.promise,
    running: running.promise,
    [Symbol.dispose]() {
      isOver = true;
      events[Symbol.dispose]();
    },
  };
}
