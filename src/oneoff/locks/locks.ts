import { quoteVisibly } from "../../app/quote.ts";
import { listContainers, removeContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import { lockHeld, lockNameTaken } from "../../errors/oneoff.ts";
import { LABEL } from "../../identity/labels.ts";
import { isOwn, listOwn } from "../../identity/ownership.ts";
import { excludeCopies, listVerifiedOwn } from "../../identity/verify-ownership.ts";
import { type Oneoff, toOneoff } from "../lookup/oneoff.ts";
import type { Owner } from "../reaping/owner.ts";
import { type Clock, clockOf, findHolder, isStale } from "../reaping/staleness.ts";
import { lockName } from "./lock-name.ts";

/** A lock on the engine: a container that is never started. */
export interface Lock {
  /** The container's id. */
  readonly id: string;
  readonly key: string;
  readonly app: string;
  /** The one-off that holds or held it: `run.7364`. */
  readonly name: string;
  /** Seconds since 1970. */
  readonly since: number;
  readonly state: "held" | "stale";
  /** Undefined if its container was removed. */
  readonly holder: Oneoff | undefined;
}

/** Tells whether the owner of a lock or its holder is alive. */
type OwnerCheck = Pick<Owner, "isAlive">;

/** Lists the locks of an app, or all. */
export async function listLocks(engine: Transport, judge: OwnerCheck, app?: string): Promise<Lock[]> {
  const label = app === undefined ? [LABEL.kind] : [LABEL.kind, `${LABEL.app}=${app}`];
  // One request for locks and holders: a holder is older than its lock and exists as long as the lock is held.
  const all = await listOwn(engine, { label });
  const clock = clockOf(engine, judge);
  return all
    .filter(({ Labels }) => Labels[LABEL.kind] === "lock")
    .map((lock) => toLock(lock, all, clock))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** @throws OneoffError if another container has the lock's name. */
export async function findLock(engine: Transport, judge: OwnerCheck, key: string): Promise<Lock | undefined> {
  const name = lockName(key);
  const [lock] = await listContainers(engine, { name: [`^${name.replaceAll(".", "\\.")}$`] });
  if (!lock) return undefined;
  const { [LABEL.kind]: kind, [LABEL.lock]: ownKey, [LABEL.holder]: holder } = lock.Labels;
  const isReal = isOwn(lock) && (await excludeCopies(engine, [lock])).length > 0;
  if (!isReal || kind !== "lock" || ownKey !== key) throw lockNameTaken(name, key);
  // Without an id the engine would list all containers.
  const containers = holder ? await listVerifiedOwn(engine, { id: [holder] }) : [];
  return toLock(lock, containers, clockOf(engine, judge));
}

export const lockExists = async (engine: Transport, id: string): Promise<boolean> =>
  (await listContainers(engine, { id: [id] })).length > 0;

/** Removes a lock. @throws OneoffError if a live one-off holds it and `force` is not set. */
export async function unlock(engine: Transport, lock: Lock, force: boolean): Promise<void> {
  requireStale(lock, force);
  await removeLock(engine, lock.id);
}

/** @throws OneoffError if a live one-off holds the lock and `force` is not set */
export function requireStale(lock: Lock, force: boolean): void {
  if (lock.state === "held" && !force) throw lockHeld(lock, `oneoff unlock --force ${quoteVisibly(lock.key)}`);
}

/** Removes a lock by its id, since a newer lock has the same name. @returns false if it was removed already. */
export async function removeLock(engine: Transport, id: string): Promise<boolean> {
  try {
    await removeContainer(engine, id);
    return true;
  } catch (error) {
    if (isRefusal(error, 404, 409)) return false;
    throw error;
  }
}

function toLock(lock: ContainerSummary, containers: readonly ContainerSummary[], clock: Clock): Lock {
  const holder = findHolder(lock, containers);
  return {
    id: lock.Id,
    key: lock.Labels[LABEL.lock] ?? "",
    app: lock.Labels[LABEL.app] ?? "",
    name: lock.Labels[LABEL.name] ?? "",
    since: lock.Created,
    state: isStale(lock, holder, clock) ? "stale" : "held",
    holder: holder && toOneoff(holder),
  };
}
