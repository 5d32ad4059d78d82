import { constants } from "node:os";

/**
 * Not passed on: what cannot be caught; what tells of our own children, pipes and window; faults of our own process,
 * which must end it; and the stops for touching the terminal from the background, which must stop us.
 */
const KEPT = new Set([
  ...["SIGKILL", "SIGSTOP"],
  ...["SIGCHLD", "SIGPIPE", "SIGURG", "SIGWINCH"],
  ...["SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL", "SIGTRAP", "SIGABRT", "SIGIOT", "SIGSYS", "SIGPROF"],
  ...["SIGTTIN", "SIGTTOU"],
]);

/** Two names of one number count once. */
export const FORWARDED = [
  ...new Map(
    Object.entries(constants.signals)
      .filter(([name]) => !KEPT.has(name))
      .map(([name, number]) => [number, name as NodeJS.Signals]),
  ).values(),
];

/** Hears every signal that can be passed on, instead of what it would do to this process, until disposed of. */
export function onSignal(listener: (signal: NodeJS.Signals) => void): Disposable {
  for (const signal of FORWARDED) process.on(signal, listener);
  return {
    [Symbol.dispose]() {
      for (const signal of FORWARDED) process.off(signal, listener);
    },
  };
}

/** Stops this process as ^Z does, until it is continued. */
export const suspend = () => process.kill(process.pid, "SIGSTOP");

/** `128 + n`, as shells report the end by a signal. */
export const exitCodeOf = (signal: NodeJS.Signals) => 128 + constants.signals[signal];
