import { setTimeout as pause } from "node:timers/promises";
import { swarmMembership } from "../../engine/swarm/nodes.ts";
import { inspectConfig } from "../../engine/swarm/objects.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { lockHeld } from "../../errors/oneoff.ts";
import { LABEL } from "../../identity/labels.ts";
import { HEARTBEAT_INTERVAL_MS } from "../reaping/heartbeat.ts";
import { stopOneoff } from "../session/stop.ts";
import { retryUntilManaged } from "../swarm/manager-retry.ts";
import { stopServiceTask } from "../swarm/run/stop-task.ts";
import {
  acquireConfigLock,
  type ConfigLock,
  findConfigLock,
  releaseConfigLock,
  renewConfigLock,
} from "./config-lock.ts";
import type { HeldLock, LockContext, LockRequest } from "./lock.ts";
import { lockConflicts } from "./lock-conflict.ts";
import { findLockHolder, isStaleLock, type LockHolder } from "./lock-holder.ts";

interface SwarmLockRequest extends Pick<LockRequest, "key" | "onConflict"> {
  /** Who requests it, for other people: `user@host`. */
  readonly by?: string;
  /** The error if the lock is held; by default it names the command to wait for the lock. */
  readonly refusal?: (since: number, by: string) => Error;
  /** A service or a container with these labels holds the lock, or the process that has requested it. */
  readonly holder: Pick<LockRequest["holder"], "name" | "app">;
}

const RETRY_INTERVAL_MS = 250;

/**
 * Acquires a lock that is valid in the whole Swarm: a config with a unique name. Like `acquireLock`, but all times are of
 * the manager's clock.
 * @returns undefined if the lock is held and the one-off is to be skipped.
 * @throws OneoffError if the lock is held and that is an error.
 */
export async function acquireSwarmLock(context: LockContext, request: SwarmLockRequest): Promise<HeldLock | undefined> {
  const { engine, manager = engine, report, interrupted, owner } = context;
  const { key, refusal, by = owner.self } = request;
  const { name, app } = request.holder;
  const orInterrupted = <T>(wait: Promise<T>) => (interrupted ? Promise.race([wait, interrupted]) : wait);
  const reactTo = lockConflicts(report, request.onConflict);
  for (;;) {
    const id = await acquireConfigLock(manager, { key, app, name, owner: owner.self, by });
    if (id !== undefined) return heldLock({ engine, manager }, id);
    const lock = await findConfigLock(manager, key);
    const holder = lock && (await findLockHolder({ manager, engine }, owner, lock));
    if (!lock || !holder || isStaleLock(lock, holder, manager.clock.passed())) {
      if (lock) await releaseConfigLock(manager, lock.id);
      await orInterrupted(pause(RETRY_INTERVAL_MS));
      continue;
    }
    const reaction = reactTo({ ...lock, key }, () => refusal?.(lock.since, lock.by));
    if (reaction === "skip") return undefined;
    if (reaction === "replace") await orInterrupted(stopHolder(manager, lock, holder));
    await orInterrupted(pause(RETRY_INTERVAL_MS));
  }
}

interface Engines {
  readonly manager: Transport;
  /** Of the node where the one-off runs. */
  readonly engine: Transport;
}

/** @throws OneoffError for a one-off on a node that was not asked */
async function stopHolder(manager: Transport, lock: ConfigLock, holder: LockHolder): Promise<void> {
  const { service, container } = holder;
  if (service?.isTask) return void (await stopServiceTask(manager, service.id));
  if (container) return void (await stopOneoff(container.engine, container.oneoff));
  throw lockHeld(lock, `oneoff stop ${lock.name}`);
}

function heldLock({ manager, engine }: Engines, id: string): HeldLock {
  // The next heartbeat makes up for a failed one.
  const beat = () => void renewConfigLock(manager, id).catch(() => {});
  const timer = setInterval(beat, HEARTBEAT_INTERVAL_MS).unref();
  return {
    async isHeld() {
      try {
        return (await inspectConfig(manager, id)).ID === id;
      } catch (error) {
        if (isRefusal(error, 404)) return false;
        throw error;
      }
    },
    async leave(container) {
      clearInterval(timer);
      const { nodeId = "" } = await swarmMembership(engine);
      await retryUntilManaged(manager, () =>
        renewConfigLock(manager, id, { [LABEL.holder]: `${container}@${nodeId}` }),
      );
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      // A lock that cannot be released now is taken over later: its holder has exited.
      await retryUntilManaged(manager, () => releaseConfigLock(manager, id)).catch(() => {});
    },
  };
}
