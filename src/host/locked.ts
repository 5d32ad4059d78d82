import { readlinkSync, rmSync, symlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { propertiesLocked } from "../errors/host.ts";
import type { Owner } from "../oneoff/reaping/owner.ts";

/** In ms. */
const PAUSE = 5;

/** How long one process may have the lock before it is given up on, in ms: what it is for takes a few. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Acts while no other process does. The lock is a symbolic link that leads to who has it: made at once, whole, and by
 * one process only. Who dies with it loses it, at once where that can be known, else after 10 s.
 */
export async function locked<T>(lock: string, owner: Owner, act: () => T, timeoutMs = LOCK_TIMEOUT_MS): Promise<T> {
  await acquire(lock, owner, timeoutMs);
  try {
    return act();
  } finally {
    // Somebody may have had to give us up.
    if (holderOf(lock) === owner.self) rmSync(lock, { force: true });
  }
}

async function acquire(lock: string, owner: Owner, timeoutMs: number): Promise<void> {
  let seen: string | undefined;
  let pauses = 0;
  while (!taken(lock, owner.self)) {
    const holder = holderOf(lock);
    if (holder === undefined) continue;
    pauses = holder === seen ? pauses + 1 : 0;
    seen = holder;
    const isLate = pauses > timeoutMs / PAUSE;
    const isAlive = owner.isAlive(holder);
    if (isAlive === false || (isAlive === undefined && isLate)) await release(lock, holder, owner);
    else if (isLate) throw propertiesLocked(lock, /:(\d+):\d*$/.exec(holder)?.[1]);
    else await sleep(PAUSE);
  }
}

/** Takes it from one who has died with it: only one at a time may, or the second would take it from the next who has it. */
const release = (lock: string, holder: string, owner: Owner) =>
  locked(`${lock}.stale`, owner, () => {
    if (holderOf(lock) === holder) rmSync(lock, { force: true });
  });

function taken(lock: string, self: string): boolean {
  try {
    symlinkSync(self, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** @returns undefined when nobody has it any more. */
function holderOf(lock: string): string | undefined {
  try {
    return readlinkSync(lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
