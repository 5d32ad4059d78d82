import { fstatSync, statSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { isatty, type WriteStream } from "node:tty";
import type { ByteSource } from "../streams/pump.ts";
import { openPipe } from "./pipe.ts";
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
  /** Waits until all that was written has gone. @returns why some of it could not go. */
  flush(): Promise<NodeJS.ErrnoException | undefined>;
  /** What stdin is; `empty` where it can only ever be at its end. */
  readonly input: "terminal" | "pipe" | "stream" | "empty" | "directory";
  readonly outputIsTerminal: boolean;
  size(): Size | undefined;
  /** The same of stderr, which is where we talk. */
  readonly errorIsTerminal: boolean;
  errorSize(): Size | undefined;
  /** A stdin that is a `pipe`, for reading without `stdin`. */
  openPipe(): ByteSource & Disposable;
  /** Raw mode, until disposed of. */
  raw(): Disposable;
  onResize(listener: () => void): Disposable;
  onSignal(listener: (signal: NodeJS.Signals) => void): Disposable;
  suspend(): void;
}

export function systemTerminal(): Terminal {
  const used = new Set<Writable>();
  const output = (stream: Writable) => {
    // Whoever writes and wants to know listens too; an error that nobody hears would end the process.
    if (!used.has(stream)) stream.on("error", () => {});
    used.add(stream);
    return stream;
  };
  return {
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return output(process.stdout);
    },
    get stderr() {
      return output(process.stderr);
    },
    async flush() {
      await Promise.all(Array.from(used, flushed));
      return Array.from(used, ({ errored }) => errored ?? undefined).find(Boolean);
    },
    input: inputKind(),
    outputIsTerminal: isatty(1),
    size: () => (isatty(1) ? windowSize(process.stdout) : undefined),
    get errorIsTerminal() {
      return isatty(2);
    },
    errorSize: () => (isatty(2) ? windowSize(process.stderr) : undefined),
    openPipe: () => openPipe(0),
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

function windowSize(stream: WriteStream): Size | undefined {
  const [columns, rows] = stream.getWindowSize();
  return rows > 0 && columns > 0 ? { rows, columns } : undefined;
}

const flushed = (stream: Writable) =>
  new Promise<void>((resolve) => {
    if (stream.errored || stream.writableLength === 0) resolve();
    else stream.once("error", () => resolve()).write("", () => resolve());
  });

function inputKind(): Terminal["input"] {
  if (isatty(0)) return "terminal";
  const stdin = fstatSync(0);
  if (stdin.isDirectory()) return "directory";
  if (stdin.isFIFO() || stdin.isSocket()) return "pipe";
  // A closed stdin is here too: Node opens /dev/null in its place.
  return stdin.isCharacterDevice() && stdin.rdev === statSync("/dev/null").rdev ? "empty" : "stream";
}
