import { badFrame, engineStreamError } from "../errors/io.ts";

/** The channel of a frame's payload. */
export type Channel = "stdout" | "stderr";

const HEADER = 8;
const ENGINE_ERROR = 3;
const MAX_ERROR_TEXT = 64 * 1024;

/**
 * Demultiplexes the engine's stream: `[type u8][3 unused bytes][length u32 big-endian][payload]`.
 * A frame may be split anywhere and may have up to 4 GiB, so payloads are passed on in parts.
 * Type 0 is stdout too, as in the engine's client; type 3 is an error of the engine.
 */
export class FrameParser {
  readonly #emit: (channel: Channel, payload: Buffer, isLast: boolean) => void;
  readonly #header = Buffer.alloc(HEADER);
  #headerLength = 0;
  #remaining = 0;
  #channel: Channel | "error" = "stdout";
  /** In Latin-1: one character per byte. */
  #errorText = "";

  /** @param emit receives parts of payloads; `isLast` at the end of a frame. */
  constructor(emit: (channel: Channel, payload: Buffer, isLast: boolean) => void) {
    this.#emit = emit;
  }

  /** @throws OneoffError for a frame of unknown type, or for an error of the engine in the stream. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#remaining === 0) {
        at += this.#readHeader(chunk, at);
        continue;
      }
      const payload = chunk.subarray(at, at + this.#remaining);
      at += payload.length;
      this.#remaining -= payload.length;
      this.#deliver(payload);
    }
  }

  /** Bytes missing at the end of the stream; above 0 if the stream was truncated. */
  get missing(): number {
    return this.#headerLength > 0 ? HEADER - this.#headerLength : this.#remaining;
  }

  #readHeader(chunk: Buffer, at: number): number {
    const taken = chunk.copy(this.#header, this.#headerLength, at, at + HEADER - this.#headerLength);
    this.#headerLength += taken;
    if (this.#headerLength < HEADER) return taken;
    this.#headerLength = 0;
    this.#channel = channelOf(this.#header[0] ?? 0);
    this.#remaining = this.#header.readUInt32BE(4);
    return taken;
  }

  #deliver(payload: Buffer): void {
    if (this.#channel !== "error") {
      this.#emit(this.#channel, payload, this.#remaining === 0);
      return;
    }
    this.#errorText += payload.toString("latin1");
    if (this.#remaining === 0 || this.#errorText.length >= MAX_ERROR_TEXT) {
      const text = Buffer.from(this.#errorText.slice(0, MAX_ERROR_TEXT), "latin1").toString().trim();
      throw engineStreamError(text);
    }
  }
}

function channelOf(type: number): Channel | "error" {
  if (type === 0 || type === 1) return "stdout";
  if (type === 2) return "stderr";
  if (type === ENGINE_ERROR) return "error";
  throw badFrame(type);
}
