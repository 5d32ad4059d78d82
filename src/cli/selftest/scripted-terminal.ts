import { PassThrough, Writable } from "node:stream";
import type { Terminal } from "../../terminal/terminal.ts";

/** A terminal that is controlled by code. */
export interface ScriptedTerminal extends Terminal {
  readonly stdin: PassThrough;
  /** Everything written to stdout and stderr. */
  readonly out: string;
  readonly err: string;
  /** Waits until stdout contains the text. */
  waitFor(text: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
}

/** @param isTerminal whether it behaves as a terminal or as three pipes. */
export function scriptedTerminal(isTerminal: boolean): ScriptedTerminal {
  const listeners = new Set<(signal: NodeJS.Signals) => void>();
  const [stdout, stderr] = [kept(), kept()];
  const nothing = { [Symbol.dispose]() {} };
  return {
    stdin: new PassThrough(),
    stdout: stdout.stream,
    stderr: stderr.stream,
    flush: async () => undefined,
    input: isTerminal ? "terminal" : "stream",
    outputIsTerminal: isTerminal,
    size: () => (isTerminal ? { rows: 24, columns: 80 } : undefined),
    errorIsTerminal: false,
    errorSize: () => undefined,
    openPipe() {
      throw new Error("its stdin is a stream");
    },
    raw: () => nothing,
    onResize: () => nothing,
    onSignal(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    suspend() {},
    get out() {
      return stdout.text();
    },
    get err() {
      return stderr.text();
    },
    waitFor: stdout.waitFor,
    signal(name) {
      for (const listener of listeners) listener(name);
    },
  };
}

/** Copies written bytes, whose memory may be reused. */
function kept() {
  const chunks: Buffer[] = [];
  const text = () => Buffer.concat(chunks).toString();
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      stream.emit("more");
      done();
    },
  });
  const waitFor = async (wanted: string) => {
    while (!text().includes(wanted)) await new Promise((resolve) => stream.once("more", resolve));
  };
  return { stream, text, waitFor };
}
