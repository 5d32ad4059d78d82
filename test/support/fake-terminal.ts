import { Buffer } from "node:buffer";
import { PassThrough, Writable } from "node:stream";
import type { Size, Terminal } from "../../src/terminal/terminal.ts";
import { FakeSource } from "./fake-source.ts";

export interface FakeTerminal extends Terminal {
  /** What comes from the keyboard or a file is written here. */
  readonly stdin: PassThrough;
  /** What comes from a pipe is brought by this. */
  readonly pipe: FakeSource;
  /** All that was written to stdout, and to stderr. */
  readonly out: string;
  readonly err: string;
  /** Whether it is in raw mode now. */
  readonly isRaw: boolean;
  /** Who listens to signals and to the size, all told. */
  readonly listeners: number;
  readonly suspended: number;
  signal(name: NodeJS.Signals): void;
  resize(size: Size): void;
}

type Kind = Partial<Pick<Terminal, "input" | "outputIsTerminal" | "errorIsTerminal">> & { size?: Size };

/** Keeps copies of what is written: the memory it comes in may be used again. */
export class RecordingStream extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: unknown, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk));
    done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** A terminal that tests type at and read from. Nothing on stdin and no terminal anywhere, unless said otherwise. */
export function fakeTerminal(kind: Kind = {}, outputs: { stdout?: Writable; stderr?: Writable } = {}): FakeTerminal {
  const stdin = new PassThrough();
  const pipe = new FakeSource();
  const stdout = outputs.stdout ?? new RecordingStream();
  const stderr = outputs.stderr ?? new RecordingStream();
  const heard = new Set<(signal: NodeJS.Signals) => void>();
  const sized = new Set<() => void>();
  let size = kind.size;
  let raw = 0;
  let suspended = 0;

  const listen = <T>(set: Set<T>, listener: T): Disposable => {
    set.add(listener);
    return { [Symbol.dispose]: () => set.delete(listener) };
  };
  const text = (stream: Writable) => (stream instanceof RecordingStream ? stream.bytes.toString() : "");
  return {
    input: kind.input ?? "empty",
    outputIsTerminal: kind.outputIsTerminal ?? false,
    stdin,
    pipe,
    stdout,
    stderr,
    flush: async () => undefined,
    size: () => size,
    errorIsTerminal: kind.errorIsTerminal ?? false,
    errorSize: () => size,
    openPipe: () => pipe,
    raw() {
      raw += 1;
      return {
        [Symbol.dispose]: () => {
          raw -= 1;
        },
      };
    },
    onResize: (listener) => listen(sized, listener),
    onSignal: (listener) => listen(heard, listener),
    suspend() {
      suspended += 1;
    },
    get out() {
      return text(stdout);
    },
    get err() {
      return text(stderr);
    },
    get isRaw() {
      return raw > 0;
    },
    get listeners() {
      return heard.size + sized.size;
    },
    get suspended() {
      return suspended;
    },
    signal(name) {
      for (const listener of heard) listener(name);
    },
    resize(next) {
      size = next;
      for (const listener of sized) listener();
    },
  };
}
