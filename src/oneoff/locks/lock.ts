import { setTimeout as pause } from "node:timers/promises";
import { createContainer } from "../../engine/containers.ts";
import { isNameTaken } from "../../engine/refusal.ts";
import type { Transport } from "../../engine/transport.ts";
import { waitContainer } from "../../engine/wait.ts";
import { isRefusal } from "../../errors/engine.ts";
import { LABEL } from "../../identity/labels.ts";
import { ownLabels } from "../../identity/ownership.ts";
import type { Report } from "../../output/events.ts";
import type { Oneoff } from "../lookup/oneoff.ts";
import type { Owner } from "../reaping/owner.ts";
import { stopOneoff } from "../session/stop.ts";
import { lockConflicts } from "./lock-conflict.ts";
import { lockName } from "./lock-name.ts";
import { findLock, lockExists, removeLock } from "./locks.ts";

export interface LockContext {
  readonly engine: Transport;
  readonly report: Report;
  readonly owner: Owner;
  /** Rejects when a signal interrupts the wait. */
  readonly interrupted?: Promise<never>;
  /** The engine of a manager, for a one-off of a Swarm: the lock is valid in the whole Swarm. */
  readonly manager?: Transport | undefined;
}

export interface LockRequest {
  /** Locks are shared by all apps of an engine. */
  readonly key: string;
  /** What to do if a live one-off holds the lock. */
  readonly onConflict: "fail" | "skip" | "wait" | "replace";
  /** The one-off that requests the lock: its container exists and is not started. */
  readonly holder: { readonly id: string; readonly name: string; readonly app: string };
  /** Any existing image: the lock's container is never started. */
  readonly image: string;
  /** The error if the lock is held; by default it names the command to wait for the lock. */
  readonly refusal?: (since: number) => Error;
}

/** Disposal releases the lock, which is not needed after the holder has exited. */
export interface HeldLock extends AsyncDisposable {
  /** Call it instead of the disposal when the holder continues without oneoff. */
  leave?(container: string): Promise<void>;
  /** False after `unlock --force`, and after another client took the lock over. */
  isHeld(): Promise<boolean>;
}

const RETRY_INTERVAL_MS = 100;
/** Limits retries for a name that is in use by no visible container. */
const MAX_ATTEMPTS = 100;

/**
 * Acquires a lock: a container with a unique name on the engine. The lock is held while its holder lives. A lock whose
 * holder has exited, or was abandoned before its start, is taken over.
 * @returns undefined if the lock is held and the one-off is to be skipped.
 * @throws OneoffError if the lock is held and that is an error.
 */
export async function acquireLock(context: LockContext, request: LockRequest): Promise<HeldLock | undefined> {
  const { engine, report, interrupted, owner } = context;
  const { key } = request;
  const orInterrupted = <T>(wait: Promise<T>) => (interrupted ? Promise.race([wait, interrupted]) : wait);
  const reactTo = lockConflicts(report, request.onConflict);
  for (let attempts = 0; ; attempts += 1) {
    const id = await createLock(context, request, attempts >= MAX_ATTEMPTS);
    if (id !== undefined) return heldLock(engine, id);
    const lock = await findLock(engine, owner, key);
    // A name in use without a container belongs to one that is being created or removed.
    if (!lock?.holder || lock.state === "stale") {
      const removed = lock !== undefined && (await removeLock(engine, lock.id));
      if (!removed) await orInterrupted(pause(RETRY_INTERVAL_MS));
      continue;
    }
    attempts = 0;
    const reaction = reactTo({ ...lock, key }, () => request.refusal?.(lock.since));
    if (reaction === "skip") return undefined;
    const ending: Promise<unknown> =
      reaction === "wait" ? waitUntilExited(engine, lock.holder) : stopOneoff(engine, lock.holder);
    await orInterrupted(ending);
  }
}

/** @param isLast whether a name in use is an error now. @returns undefined if the name is in use. */
async function createLock({ engine, owner }: LockContext, { key, holder, image }: LockRequest, isLast: boolean) {
  const name = lockName(key);
  const Labels = ownLabels(name, {
    [LABEL.kind]: "lock",
    [LABEL.lock]: key,
    [LABEL.holder]: holder.id,
    [LABEL.app]: holder.app,
    [LABEL.name]: holder.name,
    [LABEL.owner]: owner.self,
  });
  try {
    return (await createContainer(engine, name, { Image: image, Cmd: ["-"], Labels })).Id;
  } catch (error) {
    if (isNameTaken(error) && !isLast) return undefined;
    throw error;
  }
}

async function waitUntilExited(engine: Transport, { id, state }: Oneoff): Promise<void> {
  // For the engine, a container that never started is not running.
  if (state === "starting") return await pause(RETRY_INTERVAL_MS);
  try {
    const { exit } = await waitContainer(engine, id, "not-running");
    await exit;
  } catch (error) {
    if (!isRefusal(error, 404)) throw error;
  }
}

const heldLock = (engine: Transport, id: string): HeldLock => ({
  isHeld: () => lockExists(engine, id),
  async [Symbol.asyncDispose]() {
    // A lock that cannot be removed now is taken over later: its holder has exited.
    await removeLock(engine, id).catch(() => {});
  },
});
