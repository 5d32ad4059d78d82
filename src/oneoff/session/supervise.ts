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
import { exitCodeOf } from "../../terminal/signals.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { type Journal, recordOf } from "../journal/journal.ts";
import type { OnDisconnect } from "../spec/options.ts";
import type { OneoffContainer } from "./container.ts";
import { exitAfterOutput } from "./exit-after-output.ts";
import { explainLoss } from "./reconnect.ts";
import { ENDING, GRACE, type SignalForwarder } from "./signal-forwarder.ts";
import { converse } from "./stdio.ts";
import { codeOf } from "./wait.ts";

/** 128 + SIGKILL, which is how the kernel ends what has taken too much memory. */
const KILLED = 137;

export interface AttendContext {
  readonly engine: Transport;
  readonly journal: Journal;
  readonly terminal: Terminal;
  readonly report: Report;
  readonly detachKeys: Buffer;
}

/** A one-off that is attached to and waited for. */
export interface Attended {
  readonly app: string;
  readonly container: OneoffContainer;
  readonly output: ByteSource & Disposable;
  /** Where our stdin goes to. */
  readonly input: Hijacked | undefined;
  /** How it ends. */
  readonly exit: Promise<WaitResult>;
  readonly tty: boolean;
  /** Its limit, in bytes. */
  readonly memory?: number | undefined;
  /** How many seconds it has to exit after SIGTERM. */
  readonly stopTimeout?: number | undefined;
  /** After how many seconds it is stopped. */
  readonly timeout?: number | undefined;
  readonly onDisconnect?: OnDisconnect | undefined;
  /** It is not run for us alone: whatever becomes of our terminal and of who reads our output, it runs on. */
  readonly isShared?: boolean;
  /** What ends a program ends only us, and it runs on. */
  readonly leaveOnSignal?: boolean;
  /** Does something else with a signal than to pass it on, and says so. */
  onSignal?(signal: NodeJS.Signals): boolean;
  /** Starts it, if nobody has yet. */
  start(): Promise<void>;
  /** Why its command was not executed, of one that ended with this code. */
  failureOf?(code: number): OneoffError | undefined;
  /** Called when it has been left, and runs on. */
  onLeave?(): Promise<void>;
  /** Called when what comes from it cannot be made sense of. */
  onFailure?(): Promise<void>;
}

/**
 * Stays with a one-off until its output has been written *and* its code is known, or until it is left.
 * @returns the command's exit code; 0 when it was detached from; 128+n when it was left because of a signal; 141 when
 * the reader of our output has gone.
 */
export async function attend(context: AttendContext, signals: SignalForwarder, one: Attended): Promise<number> {
  const { engine, terminal, report } = context;
  const { id, name } = one.container;
  const record = recordOf(context.journal, { app: one.app, name, id });
  let outOfMemory = false;
  const shortage = Promise.withResolvers<void>();
  using _watching = one.memory
    ? await watchContainer(engine, id, "oom", () => {
        outOfMemory = true;
        shortage.resolve();
      })
    : undefined;

  const { stopTimeout = GRACE } = one;
  const stop = (reason: "hangup" | "broken-pipe" | "timeout") => {
    report({ type: "stopping", name, reason, stopTimeout });
    record.stopping("SIGTERM");
    // Whether it was stopped or not, its end is what we wait for.
    stopContainer(engine, id, stopTimeout).catch(() => {});
  };
  const left = Promise.withResolvers<number>();
  const { isShared = false, onDisconnect = isShared ? "keep" : undefined } = one;
  let hungUp = false;
  const hangUp = () => {
    // A terminal that goes is noticed by whoever reads it, by whoever writes to it, and by a signal.
    if (hungUp) return;
    hungUp = true;
    if (onDisconnect === undefined || onDisconnect === "stop") return stop("hangup");
    const told = onDisconnect === "hup" ? killContainer(engine, id, "SIGHUP") : Promise.resolve();
    briefly(engine, told).then(() => left.resolve(exitCodeOf("SIGHUP")));
  };
  using talk = converse(
    terminal,
    { ...one, detachKeys: context.detachKeys },
    {
      onHangup: hangUp,
      onBroken({ error }) {
        if (error.code === "EIO" && terminal.outputIsTerminal) hangUp();
        else if (isShared) left.resolve(exitCodeOf("SIGPIPE"));
        else stop("broken-pipe");
      },
    },
  );
  talk.detached.then(() => left.resolve(0));

  await one.start();
  signals.begin({ ...one.container, stopTimeout }, (signal) => {
    if (one.leaveOnSignal && ENDING.has(signal)) left.resolve(exitCodeOf(signal));
    else if (onDisconnect && signal === "SIGHUP") hangUp();
    else return one.onSignal?.(signal) ?? false;
    return true;
  });
  let late = false;
  using _deadline = after(one.timeout, () => {
    late = true;
    stop("timeout");
  });
  talk.begin((size) => resizeContainer(engine, id, size), engine.dialect.sizeAgain);

  let isLeft = false;
  const finished = talk.output
    .then(() => (isLeft ? one.exit : exitAfterOutput(engine, id, one.exit)))
    .then(async (result) => {
      const code = codeOf(result);
      // The engine tells the one here and the other there, in whatever order.
      if (one.memory && code === KILLED)
        await Promise.race([shortage.promise, pause(engine.timeoutsMs.outOfMemoryEvent, undefined, { ref: false })]);
      const failure = one.failureOf?.(code);
      record.exited(failure?.exit ?? code, { oom: outOfMemory });
      if (failure) throw failure;
      return code;
    });
  const leaving = left.promise.then(async (code) => {
    isLeft = true;
    // What still comes, as the echo of the detach keys, has no place after what is told now.
    one.output[Symbol.dispose]();
    talk[Symbol.dispose]();
    if (!talk.broken) report({ type: "still-running", name });
    if (one.onLeave) await briefly(engine, one.onLeave());
    return code;
  });
  const ended = await Promise.race([finished, leaving, signals.left]).catch(async (error: unknown) => {
    // Nothing of what follows should be read in raw mode.
    talk[Symbol.dispose]();
    // What is removed, or left, may take its streams along.
    if (signals.leaving || isLeft) return undefined;
    if (isConnectionLoss(error)) throw await explainLoss(engine, one.container, error);
    if (!talk.broken && !late && !isNotStarted(error)) await one.onFailure?.();
    throw error;
  });
  // Removed by the third ^C, the command may still be seen to end before the removal is answered.
  if (signals.leaving) return await signals.left;
  const code = isLeft || ended === undefined ? await leaving : ended;
  if (late) throw timedOut(name, one.timeout ?? 0);
  if (outOfMemory && one.memory && code === KILLED) report({ type: "oom-killed", name, memoryLimit: one.memory });
  if (hungUp || !talk.broken) return code;
  if (talk.broken.error.code !== "EPIPE") throw outputFailed(talk.broken, isShared ? "runs on" : "was stopped");
  return exitCodeOf("SIGPIPE");
}

/** Waits for what need not succeed, for it may have ended: not for long, for an engine may not answer. */
const briefly = ({ timeoutsMs }: Transport, action: Promise<void>) =>
  Promise.race([action.catch(() => {}), pause(timeoutsMs.leave, undefined, { ref: false })]);

/** @param seconds undefined for never. */
function after(seconds: number | undefined, action: () => void): Disposable {
  const timer = seconds === undefined ? undefined : setTimeout(action, seconds * 1000);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
