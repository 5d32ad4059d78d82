import { outputLost } from "../../errors/io.ts";
import { exitCodeOf, FATAL_SIGNALS } from "../../terminal/signals.ts";
import type { Terminal } from "../../terminal/terminal.ts";

/**
 * Runs work until it is done, a signal arrives, or stdout is closed.
 * @param work stops when its signal is aborted. @returns 0, 128+n for a signal, or 141 for a closed stdout.
 */
export async function untilSignalled(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<number> {
  const over = new AbortController();
  const ended = Promise.withResolvers<number>();
  using _signals = terminal.onSignal((signal) => {
    if (FATAL_SIGNALS.has(signal)) ended.resolve(exitCodeOf(signal));
    else if (signal === "SIGTSTP") terminal.suspend();
  });
  const gone = (error: NodeJS.ErrnoException) =>
    error.code === "EPIPE" ? ended.resolve(exitCodeOf("SIGPIPE")) : ended.reject(outputLost(error));
  terminal.stdout.once("error", gone);
  try {
    return await Promise.race([work(over.signal).then(() => 0), ended.promise]);
  } finally {
    over.abort();
    terminal.stdout.off("error", gone);
  }
}
