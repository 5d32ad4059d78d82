import { setTimeout as pause } from "node:timers/promises";
import { quoteVisibly } from "../../app/quote.ts";
import { createContainer } from "../../engine/containers.ts";
import { isNameTaken } from "../../engine/refusal.ts";
import type { Transport } from "../../engine/transport.ts";
import { waitContainer } from "../../engine/wait.ts";
import { isRefusal } from "../../errors/engine.ts";
import { lockHeld } from "../../errors/oneoff.ts";
import { LABEL } from "../../identity/labels.ts";
import { ownLabels } from "../../identity/ownership.ts";
import type { Report } from "../../output/events.ts";
import type { Oneoff } from "../lookup/oneoff.ts";
import type { Owner } from "../reaping/owner.ts";
import { stopOneoff } from "../session/stop.ts";
import { lockName } from "./lock-name.ts";
import { findLock, removeLock } from "./locks.ts";

export interface LockContext {
  readonly engine: Transport;
  readonly report: Report;
  readonly owner: Owner;
  /** Rejects when there is no longer any point in waiting. */
  readonly interrupted?: Promise<never>;
}

export interface LockRequest {
  /** One for all apps of an engine. */
  readonly key: string;
  /** What to do when a one-off holds it that lives: give up with an error or without, wait for its end, or end it. */
  readonly onConflict: "fail" | "skip" | "wait" | "replace";
  /** The one-off that is to have it: its container, which was created and is not started yet. */
  readonly holder: { readonly id: string; readonly name: string; readonly app: string };
  /** Any image the engine has: nothing ever runs in it. */
  readonly image: string;
  /** What is said when somebody has it and that is a failure; unless given, how to wait for it. */
  readonly refusal?: (since: number) => Error;
}

/** How long to wait, in milliseconds, before looking again at what the engine is just doing. */
const PAUSE = 100;
/** How often: a name that nobody has and nobody can have is not waited for for ever. */
const LOOKS = 100;

/**
 * Takes a lock: a container of its name, of which the engine has one at most, whoever asks for it from wherever. It is
 * held as long as its holder lives. One whose holder has ended, or was abandoned before it was started, is taken over.
 * @returns what releases it when it is disposed of, which is not necessary once the holder has ended; or undefined
 * when somebody else has it and it is to be skipped.
 * @throws OneoffError when somebody else has it and that is a failure.
 */
export async function acquireLock(context: LockContext, request: LockRequest): Promise<AsyncDisposable | undefined> {
  const { engine, report, interrupted, owner } = context;
  const { key, onConflict } = request;
  const orInterrupted = <T>(wait: Promise<T>) => (interrupted ? Promise.race([wait, interrupted]) : wait);
  let told: string | undefined;
  for (let looks = 0; ; looks += 1) {
    const id = await createLock(context, request, looks >= LOOKS);
    if (id !== undefined) return { [Symbol.asyncDispose]: () => release(engine, id) };
    const lock = await findLock(engine, owner, key);
    // A name that is taken by nothing is that of a container that is just coming or going.
    if (!lock?.holder || lock.state === "stale") {
      const removed = lock !== undefined && (await removeLock(engine, lock.id));
      if (!removed) await orInterrupted(pause(PAUSE));
      continue;
    }
    looks = 0;
    if (onConflict === "fail") {
      const { refusal } = request;
      throw refusal?.(lock.since) ?? lockHeld(lock, `oneoff run --lock ${quoteVisibly(key)} --on-conflict wait …`);
    }
    const facts = { key, app: lock.app, name: lock.name };
    if (onConflict === "skip") {
      report({ type: "lock-skipped", ...facts });
      return undefined;
    }
    // Once for each holder, however often it is looked at.
    if (told !== lock.id) report({ type: onConflict === "wait" ? "lock-waiting" : "lock-replacing", ...facts });
    told = lock.id;
    const ending: Promise<unknown> =
      onConflict === "wait" ? untilEnded(engine, lock.holder) : stopOneoff(engine, lock.holder);
    await orInterrupted(ending);
  }
}

/** @param last whether a name that is taken is a failure now. @returns undefined when it is taken. */
async function createLock({ engine, owner }: LockContext, { key, holder, image }: LockRequest, last: boolean) {
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
    if (isNameTaken(error) && !last) return undefined;
    throw error;
  }
}

async function untilEnded(engine: Transport, { id, state }: Oneoff): Promise<void> {
  // The engine takes what was never started for what has ended.
  if (state === "starting") return await pause(PAUSE);
  try {
    const { exit } = await waitContainer(engine, id, "not-running");
    await exit;
  } catch (error) {
    if (!isRefusal(error, 404)) throw error;
  }
}

/** What cannot be removed now is removed by whoever wants the lock next: its holder has ended. */
const release = async (engine: Transport, id: string) => {
  await removeLock(engine, id).catch(() => {});
};
