import { Buffer } from "node:buffer";
import { PassThrough, Writable } from "node:stream";
import type { Size, Terminal } from "../../src/terminal/terminal.ts";
import { FakeSource } from "./fake-source.ts";

export interface FakeTerminal extends Terminal {
  /** Tests write keys or the content of a file to it. */
  readonly stdin: PassThrough;
  /** The source of a piped stdin. */
  readonly pipe: FakeSource;
  /** The complete output. */
  readonly out: string;
  readonly err: string;
  readonly isRaw: boolean;
  /** The number of listeners for signals and resizes. */
  readonly listeners: number;
  readonly suspended: number;
  signal(name: NodeJS.Signals): void;
  resize(size: Size): void;
}

type Kind = Partial<Pick<Terminal, "input" | "outputIsTerminal" | "errorIsTerminal">> & { size?: Size };

/** Copies chunks, because their memory may be reused. */
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

/** By default stdin is empty, and no stream is a terminal. */
export function fakeTerminal(kind: Kind = {}, outputs: { stdout?: Writable; stderr?: Writable } = {}): FakeTerminal {
  const stdin = new PassThrough();
  const pipe = new FakeSource();
  const stdout = outputs.stdout ?? new RecordingStream();
  const stderr = outputs.stderr ?? new RecordingStream();
  const signalListeners = new Set<(signal: NodeJS.Signals) => void>();
  const resizeListeners = new Set<() => void>();
  let size = kind.size;
  let rawCount = 0;
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
      rawCount += 1;
      return {
        [Symbol.dispose]: () => {
          rawCount -= 1;
        },
      };
    },
    onResize: (listener) => listen(resizeListeners, listener),
    onSignal: (listener) => listen(signalListeners, listener),
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
      return rawCount > 0;
    },
    get listeners() {
      return signalListeners.size + resizeListeners.size;
    },
    get suspended() {
      return suspended;
    },
    signal(name) {
      for (const listener of signalListeners) listener(name);
    },
    resize(next) {
      size = next;
      for (const listener of resizeListeners) listener();
    },
  };
}
