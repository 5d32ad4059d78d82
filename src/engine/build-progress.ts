import { StringDecoder } from "node:string_decoder";
import { decodeTrace } from "./build-trace.ts";

/** Progress of a builder. */
export type BuildProgress =
  | { readonly kind: "step"; readonly step: string; readonly cached: boolean }
  /** A line of output of a step, without its line feed. BuildKit runs several steps in parallel. */
  | { readonly kind: "output"; readonly step: string; readonly text: string };

export type OnProgress = (progress: BuildProgress) => void;

/** Longer lines are split. */
const MAX_LINE_CHARS = 64 * 1024;

/** Splits chunks into lines. */
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

  /** Emits a last line without a line feed. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (rest) this.#onLine(rest);
  }
}

/** BuildKit's prefix for internal steps, which are no lines of the Dockerfile. */
const OWN_WORK = /^\[internal\]|^copy \/context \/$/;

/** Parses messages of BuildKit. */
export class TraceReader {
  readonly #onProgress: OnProgress;
  readonly #names = new Map<string, string>();
  readonly #begun = new Set<string>();
  readonly #written = new Map<string, Readonly<Record<"stdout" | "stderr", LineBuffer>>>();
  /** The step that failed first, not because of another step. */
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

/** Step lines of the classic builder and of Podman. */
const STEP = /^(?:Step|STEP) (\d+)\/(\d+) ?: (.*)$/;

/** Lines about the builder's own work. */
const OWN_TEXT =
  /^ ---> ([0-9a-f]{12}\s*$|Running in |\[Warning\])|^(-->|COMMIT)( |$)|^(Removing| ---> Removed) intermediate container |^Successfully (built|tagged) /;

/** The ID that Podman prints after such a line. */
const IMAGE_ID = /^[0-9a-f]{64}$/;

const CACHED = /^( --->|-->) Using cache( [0-9a-f]+)?$/;

/** Parses the text of the classic builder and of Podman, which report a cached step after the step. */
export class ClassicReader {
  readonly #onProgress: OnProgress;
  readonly #lines = new LineBuffer((line) => this.#line(line));
  #pending: string | undefined;
  #isOwn = false;
  /** The current step. */
  failed: string | undefined;

  constructor(onProgress: OnProgress) {
    this.#onProgress = onProgress;
  }

  push(text: string): void {
    // A line of the builder never continues an unfinished line of a command.
    if (STEP.test(text) || OWN_TEXT.test(text)) this.#lines.end();
    // The classic builder colours stderr red.
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
