import { Buffer } from "node:buffer";
import { badLine, streamCut } from "../errors/io.ts";
import { type Channel, FrameParser } from "./frames.ts";
import { toUtc } from "./log-time.ts";

/** A message of the engine's log: a line with its line feed, or a part of a line. */
export interface LogEntry {
  /** As the engine writes it: RFC 3339. */
  readonly stamp: string;
  readonly channel: Channel;
  readonly bytes: Buffer;
}

/** How an engine stores lines that exceed one message. */
export interface LongLines {
  /** Every part has the time of the first one. */
  readonly partsShareTime: boolean;
}

/** The engine stores longer lines in parts of this size, in bytes. */
export const PART_BYTES = 16 * 1024;

/** In bytes: much more than an engine stores in one message. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

function checkLength(bytes: number): void {
  if (bytes > MAX_MESSAGE_BYTES) throw badLine(`expected messages of at most ${MAX_MESSAGE_BYTES} bytes`);
}

const STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d) /;
const LEADING_STAMP = new RegExp(`^${STAMP.source}`);

/**
 * Splits a log with a time before every message. Restores the bytes of the command: Engine 20.10 with the driver
 * `local` drops the line feed of a line that it stores in parts.
 */
export class LogEntryParser {
  readonly #frames: FrameParser | undefined;
  readonly #partsShareTime: boolean;
  #entries: LogEntry[] = [];
  #payloads: Buffer[] = [];
  #gathered = 0;
  #text = "";
  /** By channel, the time of the last part of an incomplete line. */
  readonly #unfinished = new Map<Channel, string>();

  constructor(format: "raw" | "multiplexed", { partsShareTime }: LongLines) {
    this.#partsShareTime = partsShareTime;
    if (format === "raw") return;
    this.#frames = new FrameParser((channel, payload, isLast) => {
      this.#payloads.push(Buffer.from(payload));
      this.#gathered += payload.length;
      checkLength(this.#gathered);
      if (!isLast) return;
      const text = Buffer.concat(this.#payloads.splice(0));
      this.#gathered = 0;
      const end = text.indexOf(" ") + 1;
      this.#add(channel, text.toString("latin1", 0, end - 1), text.subarray(end));
    });
  }

  /** @returns the messages that end in the chunk. @throws OneoffError for an invalid stream. */
  push(chunk: Buffer): LogEntry[] {
    if (this.#frames) this.#frames.push(chunk);
    else {
      this.#text += chunk.toString("latin1");
      this.#takeRaw(false);
      checkLength(this.#text.length);
    }
    return this.#entries.splice(0);
  }

  /** @returns the last messages. @throws OneoffError if the log ends within a frame. */
  end(): LogEntry[] {
    if (this.#frames?.missing) throw streamCut(this.#frames.missing);
    this.#takeRaw(true);
    return this.#entries.splice(0);
  }

  /** The log of a TTY has no frames: a message ends at a line feed, before the next time, or at its maximum size. */
  #takeRaw(isEnd: boolean): void {
    let rest = this.#text;
    while (rest !== "") {
      const stamp = LEADING_STAMP.exec(rest)?.[0] ?? "";
      const content = rest.slice(stamp.length);
      const length = this.#rawLength(content, isEnd);
      if (length === undefined || (stamp === "" && !isEnd)) break;
      this.#add("stdout", stamp.trimEnd(), Buffer.from(content.slice(0, length), "latin1"));
      rest = content.slice(length);
    }
    this.#text = rest;
  }

  /** @returns undefined if more bytes are needed. */
  #rawLength(content: string, isEnd: boolean): number | undefined {
    const lineEnd = content.indexOf("\n") + 1;
    const available = lineEnd || content.length;
    if (this.#partsShareTime && available > PART_BYTES && LEADING_STAMP.test(content.slice(PART_BYTES))) {
      return PART_BYTES;
    }
    // Podman may end a part anywhere.
    const mayBeCut = !this.#partsShareTime || this.#unfinished.has("stdout");
    const next = mayBeCut ? content.slice(0, available).search(STAMP) : -1;
    if (next >= 0) return next;
    return lineEnd > 0 || isEnd ? available : undefined;
  }

  #add(channel: Channel, stamp: string, bytes: Buffer): void {
    const open = this.#unfinished.get(channel);
    if (this.#partsShareTime && open !== undefined && open !== stamp) {
      this.#entries.push({ stamp: open, channel, bytes: Buffer.from("\n") });
    }
    this.#entries.push({ stamp, channel, bytes });
    if (bytes.at(-1) === 10) this.#unfinished.delete(channel);
    else this.#unfinished.set(channel, stamp);
  }
}

/** The time of a message: RFC 3339, UTC. Some logs have the time zone of the engine. */
export const utcOf = ({ stamp }: LogEntry): string => (stamp === "" ? stamp : toUtc(stamp));
