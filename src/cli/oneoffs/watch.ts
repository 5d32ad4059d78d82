import { exitCodeOf, FATAL_SIGNALS } from "../../terminal/signals.ts";
import type { Terminal } from "../../terminal/terminal.ts";

/** In milliseconds. */
const EVERY = 1000;

const HOME = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** Redraws the screen with `draw` every second until a signal. @returns 128 + n. */
export async function watch(terminal: Terminal, draw: () => Promise<string>): Promise<number> {
  const ended = Promise.withResolvers<NodeJS.Signals>();
  using _signals = terminal.onSignal((signal) => {
    if (FATAL_SIGNALS.has(signal)) ended.resolve(signal);
    else if (signal === "SIGTSTP") terminal.suspend();
  });
  for (;;) {
    const text = await Promise.race([ended.promise.then(() => undefined), draw()]);
    if (text === undefined) break;
    show(terminal, text);
    let timer: NodeJS.Timeout | undefined;
    const later = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, EVERY);
    });
    const signal = await Promise.race([ended.promise, later]);
    clearTimeout(timer);
    if (signal !== undefined) break;
  }
  terminal.stdout.write("\n");
  return exitCodeOf(await ended.promise);
}

/** Overwrites the screen. The last line stays empty: a line feed there would scroll the screen. */
function show(terminal: Terminal, text: string): void {
  const lines = text.split("\n").slice(0, (terminal.size()?.rows ?? Infinity) - 1);
  terminal.stdout.write(HOME + lines.map((line) => `${line}${CLEAR_LINE}`).join("\n") + CLEAR_BELOW);
}
