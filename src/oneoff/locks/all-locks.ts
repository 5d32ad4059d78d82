import type { Transport } from "../../engine/transport.ts";
import { unknownLock } from "../../errors/oneoff.ts";
import { isNotManager } from "../../errors/swarm-oneoffs.ts";
import type { Owner } from "../reaping/owner.ts";
import { type ConfigLock, listConfigLocks, releaseConfigLock } from "./config-lock.ts";
import { findLockHolder, isStaleLock } from "./lock-holder.ts";
import { findLock, type Lock, listLocks, requireStale, unlock } from "./locks.ts";

type OwnerCheck = Pick<Owner, "isAlive">;

/** Lists the locks of this engine and, on a manager, of its Swarm. */
export async function listAllLocks(engine: Transport, owner: OwnerCheck, app?: string): Promise<Lock[]> {
  const [locks, ofSwarm] = await Promise.all([listLocks(engine, owner, app), locksOfSwarm(engine)]);
  const listed = ofSwarm.filter((lock) => app === undefined || lock.app === app);
  const judged = await Promise.all(listed.map((lock) => judge(engine, owner, lock)));
  return [...locks, ...judged].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Removes a lock of this engine, or of its Swarm. @throws OneoffError if none exists, or as `unlock` */
export async function unlockAny(engine: Transport, owner: OwnerCheck, key: string, force: boolean): Promise<Lock> {
  const ofEngine = await findLock(engine, owner, key);
  if (ofEngine) {
    await unlock(engine, ofEngine, force);
    return ofEngine;
  }
  const found = (await locksOfSwarm(engine)).find((lock) => lock.key === key);
  if (!found) throw unknownLock(key);
  const lock = await judge(engine, owner, found);
  requireStale(lock, force);
  await releaseConfigLock(engine, lock.id);
  return lock;
}

async function locksOfSwarm(engine: Transport): Promise<readonly ConfigLock[]> {
  if (engine.quirks.name === "podman") return [];
  try {
    return await listConfigLocks(engine);
  } catch (error) {
    if (isNotManager(error)) return [];
    throw error;
  }
}

async function judge(engine: Transport, owner: OwnerCheck, lock: ConfigLock): Promise<Lock> {
  const holder = await findLockHolder({ manager: engine, engine }, owner, lock);
  const state = isStaleLock(lock, holder, engine.clock.passed()) ? "stale" : "held";
  const { id, key, app, name, since } = lock;
  return { ...{ id, key, app, name, since }, state, holder: holder.container?.oneoff };
}
