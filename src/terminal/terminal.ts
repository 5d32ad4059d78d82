import { fstatSync, statSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { isatty, type WriteStream } from "node:tty";
import { enterRawMode } from "./raw.ts";
import { onSignal, suspend } from "./signals.ts";

/** In character cells. */
export interface Size {
  readonly rows: number;
  readonly columns: number;
}

/** Our own three streams, and what is behind them. Reading `stdin` starts only when it is first touched. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** What stdin is; `empty` where it can only ever be at its end. */
  readonly input: "terminal" | "stream" | "empty" | "directory";
  readonly outputIsTerminal: boolean;
  readonly talkIsTerminal: boolean;
  size(): Size | undefined;
  /** Raw mode, until disposed of. */
  raw(): Disposable;
  onResize(listener: () => void): Disposable;
  onSignal(listener: (signal: NodeJS.Signals) => void): Disposable;
  suspend(): void;
}

export function systemTerminal(): Terminal {
  return {
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return process.stderr;
    },
    input: inputKind(),
    outputIsTerminal: isatty(1),
    talkIsTerminal: isatty(2),
    size() {
      if (!isatty(1)) return undefined;
      const [columns, rows] = (process.stdout as WriteStream).getWindowSize();
      return rows > 0 && columns > 0 ? { rows, columns } : undefined;
    },
    raw: enterRawMode,
    onResize(listener) {
      process.on("SIGWINCH", listener);
      return {
        [Symbol.dispose]() {
          process.off("SIGWINCH", listener);
        },
      };
    },
    onSignal,
    suspend,
  };
}

function inputKind(): Terminal["input"] {
  if (isatty(0)) return "terminal";
  const stdin = fstatSync(0);
  if (stdin.isDirectory()) return "directory";
  // A closed stdin is here too: Node opens /dev/null in its place.
  return stdin.isCharacterDevice() && stdin.rdev === statSync("/dev/null").rdev ? "empty" : "stream";
}
