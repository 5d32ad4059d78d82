import { exitCodeOf, FATAL_SIGNALS } from "../../terminal/signals.ts";
import type { Terminal } from "../../terminal/terminal.ts";

const INTERVAL_MS = 1000;

/** The other screen of the terminal, without a cursor; leaving it shows again what was there before. */
const ENTER_SCREEN = "\x1b[?1049h\x1b[?25l";
const LEAVE_SCREEN = "\x1b[?25h\x1b[?1049l";

const HOME = "\x1b[H";
const CLEAR_LINE = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** Keys that raw mode does not turn into signals. */
const SIGNAL_KEYS: Readonly<Record<string, NodeJS.Signals>> = {
  "\x03": "SIGINT",
  "\x1a": "SIGTSTP",
  "\x1c": "SIGQUIT",
};

/** Redraws the screen with `draw` every second until `q` or a signal. @returns 0, or 128 + n for a signal. */
export async function watch(terminal: Terminal, draw: () => Promise<string>): Promise<number> {
  const ended = Promise.withResolvers<number>();
  let screen = openScreen(terminal);
  const onSignal = (signal: NodeJS.Signals) => {
    if (FATAL_SIGNALS.has(signal)) ended.resolve(exitCodeOf(signal));
    if (signal !== "SIGTSTP") return;
    screen[Symbol.dispose]();
    terminal.suspend();
    screen = openScreen(terminal);
  };
  const onKeys = (keys: Buffer) => {
    for (const key of keys.toString()) {
      const signal = SIGNAL_KEYS[key];
      if (key === "q" || key === "Q") ended.resolve(0);
      else if (signal) onSignal(signal);
    }
  };
  using _signals = terminal.onSignal(onSignal);
  using _keys = terminal.input === "terminal" ? listen(terminal, onKeys) : undefined;
  try {
    for (;;) {
      const result = await Promise.race([ended.promise, draw()]);
      if (typeof result === "number") return result;
      show(terminal, result);
      let timer: NodeJS.Timeout | undefined;
      const later = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, INTERVAL_MS);
      });
      const code = await Promise.race([ended.promise, later]);
      clearTimeout(timer);
      if (code !== undefined) return code;
    }
  } finally {
    screen[Symbol.dispose]();
  }
}

/** Without a terminal on stdin, only signals end the watch. */
function openScreen(terminal: Terminal): Disposable {
  const raw = terminal.input === "terminal" ? terminal.raw() : undefined;
  terminal.stdout.write(ENTER_SCREEN);
  return {
    [Symbol.dispose]() {
      terminal.stdout.write(LEAVE_SCREEN);
      raw?.[Symbol.dispose]();
    },
  };
}

function listen({ stdin }: Terminal, onKeys: (keys: Buffer) => void): Disposable {
  stdin.on("data", onKeys);
  return {
    [Symbol.dispose]() {
      stdin.off("data", onKeys).pause();
    },
  };
}

/** Overwrites the screen. In raw mode a line feed does not return to the first column. */
function show(terminal: Terminal, text: string): void {
  const lines = text.trimEnd().split("\n");
  const rows = terminal.size()?.rows ?? Infinity;
  const hidden = lines.length - rows;
  const visible = hidden > 0 ? [...lines.slice(0, rows - 1), `… ${hidden + 1} more`] : lines;
  terminal.stdout.write(HOME + visible.map((line) => `${CLEAR_LINE}${line}`).join("\r\n") + CLEAR_BELOW);
}
