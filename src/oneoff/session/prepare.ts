import { acquireLock } from "../locks/lock.ts";
import type { OneoffSpec } from "../spec/spec.ts";
import { type CreateContext, createOneoff, discardContainer, type OneoffContainer } from "./container.ts";
import type { SignalForwarder } from "./signal-forwarder.ts";

export interface PrepareContext extends Omit<CreateContext, "interrupted"> {
  readonly signals: SignalForwarder;
}

/** A one-off that is ready to start. Disposing it removes what is no longer needed. */
export interface PreparedOneoff extends AsyncDisposable {
  readonly container: OneoffContainer;
  /** Call it when the command runs: from then on, the engine removes the container. */
  markStarted(): void;
  /** Call it when the one-off continues without oneoff: it keeps its lock and its container. */
  markLeft(): void;
  readonly isLeft: boolean;
  /** Removes the container, running or not. */
  discard(): Promise<void>;
}

/** @returns undefined if the lock is held and the one-off is to be skipped. */
export async function prepareOneoff(context: PrepareContext, spec: OneoffSpec): Promise<PreparedOneoff | undefined> {
  const { engine, report, signals } = context;
  const { interrupted } = signals;
  const container = await createOneoff({ ...context, interrupted }, spec);
  let isStarted = false;
  let isLeft = false;
  await using undo = new AsyncDisposableStack();
  undo.defer(async () => {
    if (!isLeft) await context.surroundings?.release();
  });
  undo.defer(async () => {
    if (!isStarted || !(spec.autoRemove || spec.detach || isLeft)) await discardContainer(engine, report, container);
  });
  signals.check();
  await context.surroundings?.fill(container.id);
  if (spec.lock) {
    const holder = { ...container, app: spec.app };
    const acquire = context.manager ? (await import("../locks/swarm-lock.ts")).acquireSwarmLock : acquireLock;
    const lock = await acquire({ ...context, interrupted }, { ...spec.lock, holder, image: spec.image });
    if (!lock) return undefined;
    undo.defer(async () => {
      if (isLeft) await lock.leave?.(container.id);
      else await lock[Symbol.asyncDispose]();
    });
  }
  if (spec.uploads) {
    const { placeUploads } = await import("../files/place-uploads.ts");
    const { sendUploads } = await import("../files/upload.ts");
    const { signal } = abortOn(interrupted);
    const placed = await placeUploads(engine, container, spec.uploads);
    await sendUploads({ engine, report, signal }, container, placed);
    signals.check();
  }
  const kept = undo.move();
  return {
    container,
    markStarted() {
      isStarted = true;
    },
    markLeft() {
      isLeft = true;
    },
    get isLeft() {
      return isLeft;
    },
    discard: () => discardContainer(engine, report, container),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function abortOn(interrupted: Promise<never>): AbortController {
  const abort = new AbortController();
  interrupted.catch((reason: unknown) => abort.abort(reason));
  return abort;
}
