import { StringDecoder } from "node:string_decoder";
import { decodeTrace } from "./build-trace.ts";

/** What a builder says while it works. */
export type BuildProgress =
  | { readonly kind: "step"; readonly step: string; readonly cached: boolean }
  /** A line that a step has written, without its end. BuildKit works at several steps at once. */
  | { readonly kind: "output"; readonly step: string; readonly text: string };

export type OnProgress = (progress: BuildProgress) => void;

/** What is longer comes in parts. */
const MAX_LINE_CHARS = 64 * 1024;

/** Turns what comes in pieces into lines. */
export class LineBuffer {
  readonly #decoder = new StringDecoder();
  readonly #onLine: (line: string) => void;
  #rest = "";

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  push(bytes: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(bytes)).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > MAX_LINE_CHARS) {
      lines.push(this.#rest);
      this.#rest = "";
    }
    for (const line of lines) this.#onLine(line.replace(/\r$/, ""));
  }

  /** Brings the last line, where it has no end. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (rest) this.#onLine(rest);
  }
}

/** How the engine has its own work called: it is no line of the Dockerfile. */
const OWN_WORK = /^\[internal\]|^copy \/context \/$/;

/** Takes BuildKit's messages. */
export class TraceReader {
  readonly #onProgress: OnProgress;
  readonly #names = new Map<string, string>();
  readonly #begun = new Set<string>();
  readonly #written = new Map<string, Readonly<Record<"stdout" | "stderr", LineBuffer>>>();
  /** The step that has failed, and not for the failure of another. */
  failed: string | undefined;

  constructor(onProgress: OnProgress) {
    this.#onProgress = onProgress;
  }

  push(aux: string): void {
    const { vertexes, logs } = decodeTrace(aux);
    for (const { digest, name, cached, started, error } of vertexes) {
      this.#names.set(digest, name);
      if (error && !/context canceled/.test(error)) this.failed ??= name;
      if (!started || this.#begun.has(digest)) continue;
      this.#begun.add(digest);
      if (!OWN_WORK.test(name)) this.#onProgress({ kind: "step", step: name, cached });
    }
    for (const { vertex, stream, bytes } of logs) this.#linesOf(vertex)[stream === 2 ? "stderr" : "stdout"].push(bytes);
    for (const { digest, completed } of vertexes) if (completed) this.#end(digest);
  }

  end(): void {
    for (const digest of this.#written.keys()) this.#end(digest);
  }

  #linesOf(digest: string) {
    const step = this.#names.get(digest) ?? "";
    const onLine = (text: string) => this.#onProgress({ kind: "output", step, text });
    const lines = this.#written.get(digest) ?? { stdout: new LineBuffer(onLine), stderr: new LineBuffer(onLine) };
    this.#written.set(digest, lines);
    return lines;
  }

  #end(digest: string): void {
    this.#written.get(digest)?.stdout.end();
    this.#written.get(digest)?.stderr.end();
  }
}

/** As the classic builder has it, and as Podman's. */
const STEP = /^(?:Step|STEP) (\d+)\/(\d+) ?: (.*)$/;

/** What they say of their own work. */
const OWN_TEXT =
  /^ ---> ([0-9a-f]{12}\s*$|Running in |\[Warning\])|^(-->|COMMIT)( |$)|^(Removing| ---> Removed) intermediate container |^Successfully (built|tagged) /;

/** What Podman's has made, after a line of that kind. */
const IMAGE_ID = /^[0-9a-f]{64}$/;

const CACHED = /^( --->|-->) Using cache( [0-9a-f]+)?$/;

/** Takes the classic builder's text, and that of Podman's. Whether a step is cached, they say after the step. */
export class ClassicReader {
  readonly #onProgress: OnProgress;
  readonly #lines = new LineBuffer((line) => this.#line(line));
  #pending: string | undefined;
  #isOwn = false;
  /** The step it is at. */
  failed: string | undefined;

  constructor(onProgress: OnProgress) {
    this.#onProgress = onProgress;
  }

  push(text: string): void {
    // A line of the builder's own never goes on where a command has left off.
    if (STEP.test(text) || OWN_TEXT.test(text)) this.#lines.end();
    // What comes from stderr is put into red.
    this.#lines.push(Buffer.from(/^\x1b\[91m(.*)\x1b\[0m$/s.exec(text)?.[1] ?? text));
  }

  end(): void {
    this.#lines.end();
    this.#begin(false);
  }

  #line(line: string): void {
    const [, at, of, instruction] = STEP.exec(line) ?? [];
    const cached = CACHED.test(line);
    this.#begin(cached);
    this.#isOwn = cached || OWN_TEXT.test(line) || (this.#isOwn && IMAGE_ID.test(line));
    if (instruction !== undefined) this.failed = this.#pending = `[${at}/${of}] ${instruction}`;
    else if (!this.#isOwn) {
      this.#onProgress({ kind: "output", step: this.failed ?? "", text: line });
    }
  }

  #begin(cached: boolean): void {
    if (this.#pending !== undefined) this.#onProgress({ kind: "step", step: this.#pending, cached });
    this.#pending = undefined;
  }
}
