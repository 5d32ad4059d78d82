import { readlinkSync, rmSync, symlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { propertiesLocked } from "../errors/host.ts";
import type { Owner } from "../oneoff/reaping/owner.ts";

/** In ms. */
const PAUSE = 5;

/** Age in ms after which a lock is considered stale: its work needs a few ms. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Runs exclusively among processes. The lock is a symbolic link to its holder, which is created atomically
 * by one process. The lock of a dead process is released: at once if that can be detected, else after 10 s.
 */
export async function withFileLock<T>(
  lock: string,
  owner: Owner,
  act: () => T | Promise<T>,
  timeoutMs = LOCK_TIMEOUT_MS,
): Promise<T> {
  await acquire(lock, owner, timeoutMs);
  try {
    return await act();
  } finally {
    // Another process may have released this lock as stale.
    if (holderOf(lock) === owner.self) rmSync(lock, { force: true });
  }
}

async function acquire(lock: string, owner: Owner, timeoutMs: number): Promise<void> {
  let lastHolder: string | undefined;
  let pauses = 0;
  while (!taken(lock, owner.self)) {
    const holder = holderOf(lock);
    if (holder === undefined) continue;
    pauses = holder === lastHolder ? pauses + 1 : 0;
    lastHolder = holder;
    const isLate = pauses > timeoutMs / PAUSE;
    const isAlive = owner.isAlive(holder);
    if (isAlive === false || (isAlive === undefined && isLate)) await release(lock, holder, owner);
    else if (isLate) throw propertiesLocked(lock, /:(\d+):\d*$/.exec(holder)?.[1]);
    else await sleep(PAUSE);
  }
}

/** Takes over the lock of a dead process. One process at a time: a second one would take it from the new holder. */
const release = (lock: string, holder: string, owner: Owner) =>
  withFileLock(`${lock}.stale`, owner, () => {
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

/** @returns undefined if the lock was released. */
function holderOf(lock: string): string | undefined {
  try {
    return readlinkSync(lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
