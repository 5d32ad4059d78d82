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

/** The standard streams of oneoff. Reading of `stdin` starts at its first use. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Flushes the outputs. @returns the error of a failed output. */
  flush(): Promise<NodeJS.ErrnoException | undefined>;
  /** The kind of stdin; `empty` if it is always at EOF. */
  readonly input: "terminal" | "pipe" | "stream" | "empty" | "directory";
  readonly outputIsTerminal: boolean;
  size(): Size | undefined;
  /** Whether stderr, the stream for messages, is a terminal. */
  readonly errorIsTerminal: boolean;
  errorSize(): Size | undefined;
  /** A `pipe` on stdin, for reading without `stdin`. */
  openPipe(): ByteSource & Disposable;
  /** Enables raw mode until disposed. */
  raw(): Disposable;
  onResize(listener: () => void): Disposable;
  onSignal(listener: (signal: NodeJS.Signals) => void): Disposable;
  suspend(): void;
}

export function systemTerminal(): Terminal {
  const used = new Set<Writable>();
  const output = (stream: Writable) => {
    // Writers add their own listeners; an error without a listener would end the process.
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
    get input() {
      return inputKind();
    },
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
  // Includes a closed stdin: Node replaces it with /dev/null.
  return stdin.isCharacterDevice() && stdin.rdev === statSync("/dev/null").rdev ? "empty" : "stream";
}
