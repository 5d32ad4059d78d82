import { Framing } from "./framing.ts";

/** Why the parser stops, with llhttp's numbers for what undici distinguishes. */
export const STOP = { NOT: 0, INVALID: 1, PAUSED: 21, UPGRADE: 22 } as const;

/**
 * The parts of responses, as positions in the bytes being parsed: a name or value may have several parts.
 * Each function returns 0, `STOP.PAUSED`, or -1 to fail.
 */
export interface ResponseEvents {
  messageBegin(): number;
  status(from: number, to: number): number;
  headerField(from: number, to: number): number;
  headerValue(from: number, to: number): number;
  /** Also returns 1 for a response without a body, and 2 for a changed protocol. */
  headersComplete(status: number, isUpgrade: boolean, keepsAlive: boolean): number;
  body(from: number, to: number): number;
  messageComplete(): number;
}

const [TAB, LF, CR, SPACE, COLON] = [9, 10, 13, 32, 58];

/** In bytes. */
const MAX_CHUNK_LINE = 4096;

const STARTS = ["HTTP/1.1 ", "HTTP/1.0 "];
const IS_TOKEN = tableOf(/[-!#$%&'*+.^_`|~\w]/);
const IS_VALUE = tableOf(/[\t -~\x80-\xff]/);
const CHUNK =
  /^([\da-f]+)(?:;[-!#$%&'*+.^_`|~\w]*(?:=(?:[-!#$%&'*+.^_`|~\w]*|"(?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"))?)*$/i;

function tableOf(characters: RegExp): readonly boolean[] {
  return Array.from({ length: 256 }, (_, code) => characters.test(String.fromCharCode(code)));
}

/** Parses from a position. @returns the position of the next byte. */
type State = (bytes: Buffer, at: number) => number;

/** Parses the responses of a connection, wherever its reads are split, as strictly as llhttp. Bodies are not copied. */
export class ResponseParser {
  readonly #events: ResponseEvents;
  #stop: number = STOP.NOT;
  /** The position of the first byte that was not parsed. */
  stoppedAt = 0;
  #state: State = this.#start;
  /** Whether the state needs no byte. */
  #isDue = false;
  #end: "valid" | "invalid" | "completes" = "valid";
  /** The received part of a name, value or line. */
  #text = "";
  #name = "";
  #status = 0;
  #isHttp11 = true;
  #framing = new Framing();
  #skipsBody = false;
  #isTrailer = false;
  /** The remaining bytes of the body or of its chunk. */
  #left = 0;

  constructor(events: ResponseEvents) {
    this.#events = events;
  }

  /** @returns why it stopped at `stoppedAt`. */
  execute(bytes: Buffer): number {
    let at = 0;
    while (this.#stop === STOP.NOT && (this.#isDue || at < bytes.length)) at = this.#state(bytes, at);
    this.stoppedAt = at;
    return this.#stop;
  }

  resume(): void {
    if (this.#stop === STOP.PAUSED) this.#stop = STOP.NOT;
  }

  /** Handles the end of the connection. */
  finish(): number {
    if (this.#stop !== STOP.NOT || this.#end === "valid") return STOP.NOT;
    return this.#end === "completes" ? this.#events.messageComplete() : STOP.INVALID;
  }

  #enter(state: State, isDue = false): void {
    this.#state = state;
    this.#isDue = isDue;
    this.#text = "";
  }

  #fail(at: number): number {
    this.#stop = STOP.INVALID;
    return at;
  }

  /** @param result of an event. */
  #check(result: number): void {
    if (result !== 0) this.#stop = result === STOP.PAUSED ? STOP.PAUSED : STOP.INVALID;
  }

  /** Expects a byte. */
  #expect(bytes: Buffer, at: number, byte: number | undefined, next: State): number {
    if (bytes[at] !== byte) return this.#fail(at);
    this.#enter(next);
    return at + 1;
  }

  #start(bytes: Buffer, at: number): number {
    if (bytes[at] === CR || bytes[at] === LF) return at + 1;
    this.#end = "invalid";
    this.#enter(this.#version);
    this.#check(this.#events.messageBegin());
    return at;
  }

  #version(bytes: Buffer, at: number): number {
    this.#text += bytes.toString("latin1", at, at + 1);
    if (!STARTS.some((start) => start.startsWith(this.#text))) return this.#fail(at);
    this.#isHttp11 = this.#text === STARTS[0];
    if (STARTS.includes(this.#text)) this.#enter(this.#code);
    return at + 1;
  }

  #code(bytes: Buffer, at: number): number {
    this.#text += bytes.toString("latin1", at, at + 1);
    if (!/^\d+$/.test(this.#text)) return this.#fail(at);
    this.#status = Number(this.#text);
    if (this.#text.length === 3) this.#enter(this.#afterCode);
    return at + 1;
  }

  #afterCode(bytes: Buffer, at: number): number {
    if (bytes[at] === CR) return this.#expect(bytes, at, CR, this.#statusEnd);
    return this.#expect(bytes, at, SPACE, this.#phrase);
  }

  #phrase(bytes: Buffer, at: number): number {
    const to = lineEnd(bytes, at);
    this.#check(this.#events.status(at, to));
    return to === bytes.length ? to : this.#expect(bytes, to, CR, this.#statusEnd);
  }

  #statusEnd(bytes: Buffer, at: number): number {
    return this.#expect(bytes, at, LF, this.#field);
  }

  #field(bytes: Buffer, at: number): number {
    let to = at;
    while (to < bytes.length && IS_TOKEN[bytes[to] as number]) to++;
    if (to > at) {
      this.#text += bytes.toString("latin1", at, to);
      this.#check(this.#events.headerField(at, to));
    }
    if (to === bytes.length) return to;
    if (this.#text === "") return this.#expect(bytes, to, CR, this.#headersEnd);
    this.#name = this.#text.toLowerCase();
    return this.#framing.allows(this.#name) ? this.#expect(bytes, to, COLON, this.#valueStart) : this.#fail(to);
  }

  #valueStart(bytes: Buffer, at: number): number {
    if (bytes[at] === SPACE || bytes[at] === TAB) return at + 1;
    this.#enter(this.#value);
    return at;
  }

  #value(bytes: Buffer, at: number): number {
    let to = at;
    while (to < bytes.length && IS_VALUE[bytes[to] as number]) to++;
    this.#text += bytes.toString("latin1", at, to);
    this.#check(this.#events.headerValue(at, to));
    if (to === bytes.length) return to;
    return this.#framing.add(this.#name, this.#text) ? this.#expect(bytes, to, CR, this.#valueEnd) : this.#fail(to);
  }

  #valueEnd(bytes: Buffer, at: number): number {
    // The next line may not continue the value: a field does not start with a space.
    return this.#expect(bytes, at, LF, this.#field);
  }

  #headersEnd(bytes: Buffer, at: number): number {
    const next = this.#expect(bytes, at, LF, this.#isTrailer ? this.#messageEnd : this.#body);
    this.#isDue = true;
    if (this.#stop === STOP.NOT && !this.#isTrailer) this.#completeHeaders();
    return next;
  }

  #completeHeaders(): void {
    const isUpgrade = this.#status === 101 && this.#framing.isUpgrade;
    this.#skipsBody = /^1..$|^[23]04$/.test(String(this.#status));
    const result = this.#events.headersComplete(this.#status, isUpgrade, this.#keepsAlive());
    if (result === 1 || result === 2) this.#skipsBody = true;
    else this.#check(result);
    if (result === 2 || this.#status === 101) this.#state = this.#upgrade;
  }

  #keepsAlive(): boolean {
    return this.#framing.keepsAlive(this.#isHttp11, !this.#skipsBody);
  }

  #upgrade(_bytes: Buffer, at: number): number {
    this.#check(this.#events.messageComplete());
    if (this.#stop === STOP.NOT) this.#stop = STOP.UPGRADE;
    return at;
  }

  /** Begins the body after the headers. */
  #body(_bytes: Buffer, at: number): number {
    const { isChunked, endsWithConnection, length = 0 } = this.#framing;
    this.#left = isChunked ? 0 : length;
    if (this.#skipsBody) this.#enter(this.#messageEnd, true);
    else if (isChunked) this.#enter(this.#chunkSize);
    else if (endsWithConnection) this.#enter(this.#everything);
    else this.#enter(this.#left === 0 ? this.#messageEnd : this.#counted, this.#left === 0);
    if (this.#state === this.#everything) this.#end = "completes";
    return at;
  }

  #everything(bytes: Buffer, at: number): number {
    this.#check(this.#events.body(at, bytes.length));
    return bytes.length;
  }

  #counted(bytes: Buffer, at: number): number {
    const to = Math.min(at + this.#left, bytes.length);
    this.#left -= to - at;
    if (this.#left === 0) {
      if (this.#framing.isChunked) this.#enter(this.#chunkEnd);
      else this.#enter(this.#messageEnd, true);
    }
    this.#check(this.#events.body(at, to));
    return to;
  }

  #chunkSize(bytes: Buffer, at: number): number {
    const to = lineEnd(bytes, at);
    this.#text += bytes.toString("latin1", at, to);
    if (this.#text.length > MAX_CHUNK_LINE) return this.#fail(to);
    if (to === bytes.length) return to;
    this.#left = Number.parseInt(CHUNK.exec(this.#text)?.[1] ?? "", 16);
    this.#isTrailer = this.#left === 0;
    return Number.isSafeInteger(this.#left) ? this.#expect(bytes, to, CR, this.#chunkStart) : this.#fail(to);
  }

  #chunkStart(bytes: Buffer, at: number): number {
    return this.#expect(bytes, at, LF, this.#isTrailer ? this.#field : this.#counted);
  }

  #chunkEnd(bytes: Buffer, at: number): number {
    return this.#expect(bytes, at, CR, this.#lineEnd);
  }

  #lineEnd(bytes: Buffer, at: number): number {
    return this.#expect(bytes, at, LF, this.#chunkSize);
  }

  #messageEnd(_bytes: Buffer, at: number): number {
    this.#enter(this.#keepsAlive() ? this.#start : this.#closed);
    this.#end = "valid";
    this.#framing = new Framing();
    this.#skipsBody = this.#isTrailer = false;
    this.#check(this.#events.messageComplete());
    return at;
  }

  #closed(bytes: Buffer, at: number): number {
    return bytes[at] === CR || bytes[at] === LF ? at + 1 : this.#fail(at);
  }
}

function lineEnd(bytes: Buffer, at: number): number {
  let to = at;
  while (to < bytes.length && bytes[to] !== CR && bytes[to] !== LF) to++;
  return to;
}
