import { Buffer } from "node:buffer";
import { type Channel, FrameParser } from "../../streams/frames.ts";
import type { ByteSource } from "../../streams/pump.ts";

/** What is held before the container has to wait, in bytes: the log must not rotate much further meanwhile. */
const MAX_HELD_BYTES = 256 * 1024;

export interface Piece {
  readonly channel: Channel;
  readonly bytes: Buffer;
}

/** Takes output. @returns false for "enough for now". */
export type Take = (piece: Piece) => boolean;

/** The output of an attached container: held until it is passed on, channel by channel. */
export class LiveStream {
  readonly #source: ByteSource;
  #held: Piece[] = [];
  #heldBytes = 0;
  #take: Take | undefined;
  #isReady: (channel: Channel) => boolean = () => false;
  #change = Promise.withResolvers<void>();
  #needsJoint = false;
  /** How many bytes have been received. */
  received = 0;
  isEnded = false;

  constructor(source: ByteSource, format: "raw" | "multiplexed") {
    this.#source = source;
    let more = true;
    const receive = (channel: Channel, bytes: Buffer) => {
      more = this.#receive(channel, bytes);
    };
    const frames = new FrameParser(receive);
    const failed = Promise.withResolvers<void>();
    const read = source.read((chunk) => {
      try {
        if (format === "raw") receive("stdout", chunk);
        else frames.push(chunk);
      } catch (error) {
        failed.reject(error);
        return false;
      }
      return more;
    });
    this.ended = Promise.race([read, failed.promise]);
    this.ended
      .catch(() => {})
      .then(() => {
        this.isEnded = true;
        this.#change.resolve();
      });
  }

  /** Rejects when the connection broke, or the stream is garbled. */
  readonly ended: Promise<void>;

  /** What is held, by channel. */
  held(channel: Channel): Buffer {
    return Buffer.concat(this.#held.filter((piece) => piece.channel === channel).map(({ bytes }) => bytes));
  }

  /** Whether nothing more is read before something is passed on. */
  get isFull(): boolean {
    return this.#heldBytes >= MAX_HELD_BYTES;
  }

  /** Drops the beginning of what is held of a channel. */
  drop(channel: Channel, length: number): void {
    let left = length;
    this.#held = this.#held.map((piece) => {
      if (piece.channel !== channel || left === 0) return piece;
      const dropped = Math.min(left, piece.bytes.length);
      left -= dropped;
      return { channel, bytes: piece.bytes.subarray(dropped) };
    });
  }

  /**
   * Passes on what is held and what follows, of channels that are ready.
   * @returns false at the end of the stream, true when output of another channel has come, which is held again.
   */
  async pass(take: Take, isReady: (channel: Channel) => boolean): Promise<boolean> {
    this.#needsJoint = false;
    const held = this.#held.splice(0);
    this.#heldBytes = 0;
    this.#take = take;
    this.#isReady = isReady;
    let more = true;
    for (const { channel, bytes } of held) more = this.#receive(channel, bytes, true);
    if (more) this.#source.resume();
    while (!this.isEnded && !this.#needsJoint) {
      await this.#change.promise;
      this.#change = Promise.withResolvers();
    }
    this.#take = undefined;
    return this.#needsJoint;
  }

  resume(): void {
    if (this.#take || !this.isFull) this.#source.resume();
  }

  /** @param isOurs whether the memory of the bytes stays as it is. */
  #receive(channel: Channel, bytes: Buffer, isOurs = false): boolean {
    if (!isOurs) this.received += bytes.length;
    if (bytes.length === 0) return true;
    if (this.#take && !this.#needsJoint && this.#isReady(channel)) return this.#take({ channel, bytes });
    this.#held.push({ channel, bytes: isOurs ? bytes : Buffer.from(bytes) });
    this.#heldBytes += bytes.length;
    if (this.#take) {
      this.#needsJoint = true;
      this.#change.resolve();
    }
    return !this.isFull;
  }
}
