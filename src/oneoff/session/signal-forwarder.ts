import { killContainer, removeContainer, stopContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { linesOf, warning } from "../../errors/error.ts";
import { abandoned, endedBySignal } from "../../errors/session.ts";
import type { Report } from "../../output/events.ts";
import { exitCodeOf } from "../../terminal/signals.ts";
import type { Terminal } from "../../terminal/terminal.ts";

/** How long a command that has no stop timeout of its own may take to exit after SIGTERM, in seconds: the engine's default. */
export const GRACE = 10;

/** How long an engine may take to answer somebody who wants to leave, in milliseconds. */
const PATIENCE = 5_000;

/** What ends a program that does not ask for anything else. */
export const ENDING: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]);

/** What signals are forwarded to. */
interface Command {
  readonly id: string;
  readonly name: string;
  /** In seconds. */
  readonly stopTimeout?: number | undefined;
}

/**
 * Passes the signals that reach us on to the command. Those that come before it exists end us if they are meant to end
 * a program, and wait for it otherwise. Without a terminal the second ^C stops the one-off, and the third removes it.
 */
export class SignalForwarder implements Disposable {
  /** Resolves when the third ^C has removed the container, with our exit code. */
  readonly left: Promise<number>;
  /** Rejects when a signal that ends a program came before there was a command. */
  readonly interrupted: Promise<never>;
  /** Rejects when the engine has not answered for a while since such a signal, or since the third ^C. */
  readonly abandoned: Promise<never>;
  readonly #context: { engine: Transport; terminal: Terminal; report: Report };
  readonly #leave = Promise.withResolvers<number>();
  readonly #interrupt = Promise.withResolvers<never>();
  readonly #abandon = Promise.withResolvers<never>();
  readonly #listening: Disposable;
  #command: Command | undefined;
  #instead: (signal: NodeJS.Signals) => boolean = () => false;
  #waiting: NodeJS.Signals[] = [];
  #interrupts = 0;
  #over = false;
  #patience: NodeJS.Timeout | undefined;
  /** One request after the other, so that signals arrive in order. */
  #sent: Promise<void> = Promise.resolve();

  constructor(context: { engine: Transport; terminal: Terminal; report: Report }) {
    this.#context = context;
    this.left = this.#leave.promise;
    this.interrupted = this.#interrupt.promise;
    this.interrupted.catch(() => {});
    this.abandoned = this.#abandon.promise;
    this.abandoned.catch(() => {});
    this.#listening = context.terminal.onSignal((signal) => this.#hear(signal));
  }

  /** Whether the third ^C has come. */
  get leaving(): boolean {
    return this.#interrupts > 2;
  }

  /** The signal that ends a program, if one came before there was a command. */
  get ending(): NodeJS.Signals | undefined {
    return this.#waiting.find((signal) => ENDING.has(signal));
  }

  /** @throws OneoffError with exit code 128+n when a signal came that ends a program. */
  check(): void {
    const ending = this.ending;
    if (ending) throw endedBySignal(ending, exitCodeOf(ending));
  }

  /**
   * From here on there is a command to pass them on to.
   * @param instead does something else with a signal, and says so.
   */
  begin(command: Command, instead: (signal: NodeJS.Signals) => boolean): void {
    this.#command = command;
    this.#instead = instead;
    // The engine has answered; how long the command takes to heed a signal is the command's affair.
    clearTimeout(this.#patience);
    this.#patience = undefined;
    for (const signal of this.#waiting.splice(0)) this.#hear(signal);
  }

  [Symbol.dispose](): void {
    this.#over = true;
    clearTimeout(this.#patience);
    this.#listening[Symbol.dispose]();
  }

  #hear(signal: NodeJS.Signals): void {
    const command = this.#command;
    if (!command) {
      this.#waiting.push(signal);
      if (!ENDING.has(signal)) return;
      this.#interrupt.reject(endedBySignal(signal, exitCodeOf(signal)));
      this.#beImpatient(abandoned(signal, exitCodeOf(signal)));
      return;
    }
    if (this.#instead(signal)) return;
    if (signal === "SIGINT") this.#interrupts += 1;
    if (signal === "SIGINT" && this.#interrupts > 1) this.#insist(command);
    else this.#send(async ({ engine }) => killContainer(engine, command.id, signal));
    if (signal === "SIGTSTP") this.#send(async ({ terminal }) => terminal.suspend());
  }

  #insist({ id, name, stopTimeout = GRACE }: Command): void {
    const { engine, report } = this.#context;
    // Not in the row of the others: an engine that is slow to answer is why somebody insists.
    if (this.#interrupts === 2) {
      report({ type: "stopping", name, reason: "interrupt", stopTimeout });
      stopContainer(engine, id, stopTimeout).catch((error: unknown) => this.#explain(error));
    } else if (this.#interrupts === 3) {
      report({ type: "removing", name });
      this.#beImpatient(abandoned("SIGINT", exitCodeOf("SIGINT")));
      const removed = removeContainer(engine, id).catch((error: unknown) => this.#explain(error));
      removed.then(() => this.#leave.resolve(exitCodeOf("SIGINT")));
    }
  }

  #beImpatient(error: Error): void {
    this.#patience ??= setTimeout(() => this.#abandon.reject(error), PATIENCE);
  }

  #send(action: (context: { engine: Transport; terminal: Terminal }) => Promise<void>): void {
    this.#sent = this.#sent.then(() => action(this.#context)).catch((error: unknown) => this.#explain(error));
  }

  /** A command that has just ended cannot be told anything any more: that is no failure. */
  #explain(error: unknown): void {
    if (this.#over || isRefusal(error, 404, 409)) return;
    this.#context.report(warning(linesOf(error)));
  }
}
