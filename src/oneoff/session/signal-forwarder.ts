import { killContainer, removeContainer, stopContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { linesOf, warning } from "../../errors/error.ts";
import { abandoned, endedBySignal } from "../../errors/session.ts";
import type { Report } from "../../output/events.ts";
import { DEFAULT_STOP_TIMEOUT_S, exitCodeOf, FATAL_SIGNALS } from "../../terminal/signals.ts";
import type { Terminal } from "../../terminal/terminal.ts";

/** How long the engine may take to respond after a signal that ends oneoff. */
const ABANDON_TIMEOUT_MS = 5_000;

/** The target of forwarded signals. */
interface Command {
  readonly id: string;
  readonly name: string;
  readonly stopTimeout?: number | undefined;
}

/**
 * Forwards signals to the command. Before the command exists, a fatal signal ends oneoff, and others wait for the command.
 * Without a TTY, the second ^C stops the one-off and the third removes it.
 */
export class SignalForwarder implements Disposable {
  /** Resolves with the exit code when the third ^C has removed the container. */
  readonly removed: Promise<number>;
  /** Rejects when a fatal signal arrives before the command exists. */
  readonly interrupted: Promise<never>;
  /** Rejects when the engine does not respond in time after a fatal signal or the third ^C. */
  readonly abandoned: Promise<never>;
  readonly #context: { engine: Transport; terminal: Terminal; report: Report };
  readonly #leave = Promise.withResolvers<number>();
  readonly #interrupt = Promise.withResolvers<never>();
  readonly #abandon = Promise.withResolvers<never>();
  readonly #subscription: Disposable;
  #command: Command | undefined;
  #override: (signal: NodeJS.Signals) => boolean = () => false;
  #pending: NodeJS.Signals[] = [];
  #interrupts = 0;
  #isDisposed = false;
  #abandonTimer: NodeJS.Timeout | undefined;
  /** Requests are sent one after another, so that signals arrive in order. */
  #lastRequest: Promise<void> = Promise.resolve();

  constructor(context: { engine: Transport; terminal: Terminal; report: Report }) {
    this.#context = context;
    this.removed = this.#leave.promise;
    this.interrupted = this.#interrupt.promise;
    this.interrupted.catch(() => {});
    this.abandoned = this.#abandon.promise;
    this.abandoned.catch(() => {});
    this.#subscription = context.terminal.onSignal((signal) => this.#handle(signal));
  }

  /** Whether the third ^C has been pressed. */
  get isRemoving(): boolean {
    return this.#interrupts > 2;
  }

  /** The fatal signal that arrived before the command existed. */
  get fatalSignal(): NodeJS.Signals | undefined {
    return this.#pending.find((signal) => FATAL_SIGNALS.has(signal));
  }

  /** @throws OneoffError with exit code 128+n after a fatal signal. */
  check(): void {
    const ending = this.fatalSignal;
    if (ending) throw endedBySignal(ending, exitCodeOf(ending));
  }

  /**
   * Starts forwarding signals to the command.
   * @param override handles a signal itself and returns true, or returns false to forward it.
   */
  begin(command: Command, override: (signal: NodeJS.Signals) => boolean): void {
    this.#command = command;
    this.#override = override;
    // The engine has responded. The command may take any time to react to a signal.
    clearTimeout(this.#abandonTimer);
    this.#abandonTimer = undefined;
    for (const signal of this.#pending.splice(0)) this.#handle(signal);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    clearTimeout(this.#abandonTimer);
    this.#subscription[Symbol.dispose]();
  }

  #handle(signal: NodeJS.Signals): void {
    const command = this.#command;
    if (!command) {
      this.#pending.push(signal);
      if (!FATAL_SIGNALS.has(signal)) return;
      this.#interrupt.reject(endedBySignal(signal, exitCodeOf(signal)));
      this.#startAbandonTimer(abandoned(signal, exitCodeOf(signal)));
      return;
    }
    if (this.#override(signal)) return;
    if (signal === "SIGINT") this.#interrupts += 1;
    if (signal === "SIGINT" && this.#interrupts > 1) this.#escalate(command);
    else this.#send(async ({ engine }) => killContainer(engine, command.id, signal));
    if (signal === "SIGTSTP") this.#send(async ({ terminal }) => terminal.suspend());
  }

  #escalate({ id, name, stopTimeout = DEFAULT_STOP_TIMEOUT_S }: Command): void {
    const { engine, report } = this.#context;
    // Sent at once, not in order: the user insists because the engine responds slowly.
    if (this.#interrupts === 2) {
      report({ type: "stopping", name, reason: "interrupt", stopTimeout });
      stopContainer(engine, id, stopTimeout).catch((error: unknown) => this.#reportFailure(error));
    } else if (this.#interrupts === 3) {
      report({ type: "removing", name });
      this.#startAbandonTimer(abandoned("SIGINT", exitCodeOf("SIGINT")));
      const removed = removeContainer(engine, id).catch((error: unknown) => this.#reportFailure(error));
      removed.then(() => this.#leave.resolve(exitCodeOf("SIGINT")));
    }
  }

  #startAbandonTimer(error: Error): void {
    this.#abandonTimer ??= setTimeout(() => this.#abandon.reject(error), ABANDON_TIMEOUT_MS);
  }

  #send(action: (context: { engine: Transport; terminal: Terminal }) => Promise<void>): void {
    this.#lastRequest = this.#lastRequest
      .then(() => action(this.#context))
      .catch((error: unknown) => this.#reportFailure(error));
  }

  /** A command that has just exited cannot be signalled: that is no failure. */
  #reportFailure(error: unknown): void {
    if (this.#isDisposed || isRefusal(error, 404, 409)) return;
    this.#context.report(warning(linesOf(error)));
  }
}
