import { setTimeout as pause } from "node:timers/promises";
import { killContainer, resizeContainer, stopContainer } from "../../engine/containers.ts";
import { watchContainer } from "../../engine/events.ts";
import type { Hijacked } from "../../engine/hijack.ts";
import type { Transport } from "../../engine/transport.ts";
import type { WaitResult } from "../../engine/types.ts";
import { isConnectionLoss } from "../../errors/engine.ts";
import type { OneoffError } from "../../errors/error.ts";
import { outputFailed } from "../../errors/io.ts";
import { isNotStarted, timedOut } from "../../errors/session.ts";
import type { Report } from "../../output/events.ts";
import type { ByteSource } from "../../streams/pump.ts";
import { DEFAULT_STOP_TIMEOUT_S, exitCodeOf, FATAL_SIGNALS } from "../../terminal/signals.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { type Journal, openRecord } from "../journal/journal.ts";
import type { OnDisconnect } from "../spec/options.ts";
import type { OneoffContainer } from "./container.ts";
import { exitAfterOutput } from "./exit-after-output.ts";
import { diagnoseDisconnect } from "./reconnect.ts";
import type { SignalForwarder } from "./signal-forwarder.ts";
import { attachStdio } from "./stdio.ts";
import { exitCodeOfWait } from "./wait.ts";

/** 128 + SIGKILL: the exit code after the kernel has ended a process for lack of memory. */
const SIGKILL_EXIT_CODE = 137;

export interface SuperviseContext {
  readonly engine: Transport;
  readonly journal: Journal;
  readonly terminal: Terminal;
  readonly report: Report;
  readonly detachKeys: Buffer;
}

/** A one-off whose stdio is attached and whose exit is awaited. */
export interface Supervised {
  readonly app: string;
  readonly container: OneoffContainer;
  readonly output: ByteSource & Disposable;
  /** Receives stdin. */
  readonly input: Hijacked | undefined;
  readonly exit: Promise<WaitResult>;
  readonly tty: boolean;
  /** Memory limit in bytes. */
  readonly memory?: number | undefined;
  /** Seconds from SIGTERM to SIGKILL. */
  readonly stopTimeout?: number | undefined;
  /** Seconds until it is stopped. */
  readonly timeout?: number | undefined;
  readonly onDisconnect?: OnDisconnect | undefined;
  /** A hangup, or a reader that closes the output, does not stop the one-off. */
  readonly isShared?: boolean;
  /** A fatal signal ends only oneoff; the one-off continues. */
  readonly leaveOnSignal?: boolean;
  /** Handles a signal itself and returns true, or returns false to forward it. */
  onSignal?(signal: NodeJS.Signals): boolean;
  /** Starts it, if it does not run yet. */
  start(): Promise<void>;
  /** Why the command was not executed, for an exit code. */
  failureOf?(code: number): OneoffError | undefined;
  /** Called when the one-off continues without oneoff. */
  onLeave?(): Promise<void>;
  /** Called when the output is malformed. */
  onFailure?(): Promise<void>;
}

/**
 * Writes the output of a one-off until it has exited and its code is known, or until it is left running.
 * @returns the exit code; 0 after a detach; 128+n if a signal left it running; 141 if the reader of the output has closed it.
 */
export async function supervise(
  context: SuperviseContext,
  signals: SignalForwarder,
  oneoff: Supervised,
): Promise<number> {
  const { engine, terminal, report } = context;
  const { id, name } = oneoff.container;
  const record = openRecord(context.journal, { app: oneoff.app, name, id });
  let isOutOfMemory = false;
  const oomEvent = Promise.withResolvers<void>();
  using _watching = oneoff.memory
    ? await watchContainer(engine, id, "oom", () => {
        isOutOfMemory = true;
        oomEvent.resolve();
      })
    : undefined;

  const { stopTimeout = DEFAULT_STOP_TIMEOUT_S } = oneoff;
  const stop = (reason: "hangup" | "broken-pipe" | "timeout") => {
    report({ type: "stopping", name, reason, stopTimeout });
    record.stopping("SIGTERM");
    // Supervision ends with the exit, whether the stop succeeds or not.
    stopContainer(engine, id, stopTimeout).catch(() => {});
  };
  const left = Promise.withResolvers<number>();
  const { isShared = false, onDisconnect = isShared ? "keep" : undefined } = oneoff;
  let isHungUp = false;
  const hangUp = () => {
    // A closed terminal shows as EOF on stdin, as a failed write and as SIGHUP.
    if (isHungUp) return;
    isHungUp = true;
    if (onDisconnect === undefined || onDisconnect === "stop") return stop("hangup");
    const signalled = onDisconnect === "hup" ? killContainer(engine, id, "SIGHUP") : Promise.resolve();
    waitShortly(engine, signalled).then(() => left.resolve(exitCodeOf("SIGHUP")));
  };
  using stdio = attachStdio(
    terminal,
    { ...oneoff, detachKeys: context.detachKeys },
    {
      onHangup: hangUp,
      onBroken({ error }) {
        if (error.code === "EIO" && terminal.outputIsTerminal) hangUp();
        else if (isShared) left.resolve(exitCodeOf("SIGPIPE"));
        else stop("broken-pipe");
      },
    },
  );
  stdio.detached.then(() => left.resolve(0));

  await oneoff.start();
  signals.begin({ ...oneoff.container, stopTimeout }, (signal) => {
    if (oneoff.leaveOnSignal && FATAL_SIGNALS.has(signal)) left.resolve(exitCodeOf(signal));
    else if (onDisconnect && signal === "SIGHUP") hangUp();
    else return oneoff.onSignal?.(signal) ?? false;
    return true;
  });
  let isTimedOut = false;
  using _deadline = startTimer(oneoff.timeout, () => {
    isTimedOut = true;
    stop("timeout");
  });
  stdio.begin((size) => resizeContainer(engine, id, size), engine.quirks.resizeRepeatsMs);

  let isLeft = false;
  const finished = stdio.output
    .then(() => (isLeft ? oneoff.exit : exitAfterOutput(engine, id, oneoff.exit)))
    .then(async (result) => {
      const code = exitCodeOfWait(result);
      // The engine sends the OOM event and the exit code on two connections, in any order.
      if (oneoff.memory && code === SIGKILL_EXIT_CODE)
        await Promise.race([oomEvent.promise, pause(engine.timeoutsMs.outOfMemoryEvent, undefined, { ref: false })]);
      const failure = oneoff.failureOf?.(code);
      record.exited(failure?.exit ?? code, { oom: isOutOfMemory });
      if (failure) throw failure;
      return code;
    });
  const leaveCode = left.promise.then(async (code) => {
    isLeft = true;
    // Later output, e.g. the echo of the detach keys, must not follow the message that the one-off still runs.
    oneoff.output[Symbol.dispose]();
    stdio[Symbol.dispose]();
    if (!stdio.broken) report({ type: "still-running", name });
    if (oneoff.onLeave) await waitShortly(engine, oneoff.onLeave());
    return code;
  });
  const ended = await Promise.race([finished, leaveCode, signals.removed]).catch(async (error: unknown) => {
    // The following messages must not be written to a raw terminal.
    stdio[Symbol.dispose]();
    // The streams of a removed or left one-off may break.
    if (signals.isRemoving || isLeft) return undefined;
    if (isConnectionLoss(error)) throw await diagnoseDisconnect(engine, oneoff.container, error);
    if (!stdio.broken && !isTimedOut && !isNotStarted(error)) await oneoff.onFailure?.();
    throw error;
  });
  // After the third ^C, the command may exit before the engine answers the removal.
  if (signals.isRemoving) return await signals.removed;
  const code = isLeft || ended === undefined ? await leaveCode : ended;
  if (isTimedOut) throw timedOut(name, oneoff.timeout ?? 0);
  if (isOutOfMemory && oneoff.memory && code === SIGKILL_EXIT_CODE)
    report({ type: "oom-killed", name, memoryLimit: oneoff.memory });
  if (isHungUp || !stdio.broken) return code;
  if (stdio.broken.error.code !== "EPIPE")
    throw outputFailed(stdio.broken, isShared ? "is still running" : "was stopped");
  return exitCodeOf("SIGPIPE");
}

/** Waits shortly for a request that may fail: the container may have exited, and the engine may not respond. */
const waitShortly = ({ timeoutsMs }: Transport, action: Promise<void>) =>
  Promise.race([action.catch(() => {}), pause(timeoutsMs.leave, undefined, { ref: false })]);

function startTimer(seconds: number | undefined, action: () => void): Disposable {
  const timer = seconds === undefined ? undefined : setTimeout(action, seconds * 1000);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
