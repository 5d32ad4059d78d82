import { constants } from "node:os";

/**
 * Signals that are not forwarded: uncatchable ones; those about children, pipes and the window of oneoff; faults,
 * which must end oneoff; and SIGTTIN and SIGTTOU, which must stop oneoff.
 */
const KEPT = new Set([
  ...["SIGKILL", "SIGSTOP"],
  ...["SIGCHLD", "SIGPIPE", "SIGURG", "SIGWINCH"],
  ...["SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGABRT", "SIGIOT", "SIGSYS", "SIGPROF"],
  ...["SIGTTIN", "SIGTTOU"],
]);

/** Signals without aliases of the same number. */
export const FORWARDED = [
  ...new Map(
    Object.entries(constants.signals)
      .filter(([name]) => !KEPT.has(name))
      .map(([name, number]) => [number, name as NodeJS.Signals]),
  ).values(),
];

/** Handles every signal that can be forwarded, until disposed. */
export function onSignal(listener: (signal: NodeJS.Signals) => void): Disposable {
  for (const signal of FORWARDED) process.on(signal, listener);
  return {
    [Symbol.dispose]() {
      for (const signal of FORWARDED) process.off(signal, listener);
    },
  };
}

/** Stops the process as ^Z does, until SIGCONT. */
export const suspend = () => process.kill(process.pid, "SIGSTOP");

/** `128 + n`, the exit code of shells for a signal. */
export const exitCodeOf = (signal: NodeJS.Signals) => 128 + constants.signals[signal];

/** The engine's default stop timeout. */
export const DEFAULT_STOP_TIMEOUT_S = 10;

/** Signals that end a program by default. */
export const FATAL_SIGNALS: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]);
