import { Buffer } from "node:buffer";
import { type Channel, FrameParser } from "../../streams/frames.ts";
import type { ByteSource } from "../../streams/pump.ts";

/** How much is held before the container has to wait: meanwhile the log must not rotate much further. */
const MAX_HELD_BYTES = 256 * 1024;

export interface Chunk {
  readonly channel: Channel;
  readonly bytes: Buffer;
}

/** Handles a chunk. @returns false to pause. */
export type ChunkHandler = (chunk: Chunk) => boolean;

/** The output of an attached container, held until it is passed on by channel. */
export class LiveStream {
  readonly #source: ByteSource;
  #held: Chunk[] = [];
  #heldBytes = 0;
  #take: ChunkHandler | undefined;
  #isReady: (channel: Channel) => boolean = () => false;
  #change = Promise.withResolvers<void>();
  #needsJoin = false;
  received = 0;
  isEnded = false;

  constructor(source: ByteSource, format: "raw" | "multiplexed") {
    this.#source = source;
    let hasRoom = true;
    const receive = (channel: Channel, bytes: Buffer) => {
      hasRoom = this.#receive(channel, bytes);
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
      return hasRoom;
    });
    this.ended = Promise.race([read, failed.promise]);
    this.ended
      .catch(() => {})
      .then(() => {
        this.isEnded = true;
        this.#change.resolve();
      });
  }

  /** Rejects when the connection is lost or the stream is malformed. */
  readonly ended: Promise<void>;

  /** The output of a channel that is held. */
  held(channel: Channel): Buffer {
    return Buffer.concat(this.#held.filter((chunk) => chunk.channel === channel).map(({ bytes }) => bytes));
  }

  /** Removes the held output of a channel. */
  takeHeld(channel: Channel): Chunk {
    const bytes = this.held(channel);
    this.drop(channel, bytes.length);
    return { channel, bytes };
  }

  /** Whether reading pauses until output is passed on. */
  get isFull(): boolean {
    return this.#heldBytes >= MAX_HELD_BYTES;
  }

  /** Drops the beginning of the held output of a channel. */
  drop(channel: Channel, length: number): void {
    let remaining = length;
    this.#held = this.#held.map((chunk) => {
      if (chunk.channel !== channel || remaining === 0) return chunk;
      const dropped = Math.min(remaining, chunk.bytes.length);
      remaining -= dropped;
      return { channel, bytes: chunk.bytes.subarray(dropped) };
    });
  }

  /**
   * Passes on held and new output of the channels that are ready.
   * @returns false at the end of the stream; true after output of another channel, which is held.
   */
  async pass(take: ChunkHandler, isReady: (channel: Channel) => boolean): Promise<boolean> {
    this.#needsJoin = false;
    const held = this.#held.splice(0);
    this.#heldBytes = 0;
    this.#take = take;
    this.#isReady = isReady;
    let hasRoom = true;
    for (const { channel, bytes } of held) hasRoom = this.#receive(channel, bytes, true);
    if (hasRoom) this.#source.resume();
    while (!this.isEnded && !this.#needsJoin) {
      await this.#change.promise;
      this.#change = Promise.withResolvers();
    }
    this.#take = undefined;
    return this.#needsJoin;
  }

  resume(): void {
    if (this.#take || !this.isFull) this.#source.resume();
  }

  /** @param isOwned false for memory that the source reuses. */
  #receive(channel: Channel, bytes: Buffer, isOwned = false): boolean {
    if (!isOwned) this.received += bytes.length;
    if (bytes.length === 0) return true;
    if (this.#take && !this.#needsJoin && this.#isReady(channel)) return this.#take({ channel, bytes });
    this.#held.push({ channel, bytes: isOwned ? bytes : Buffer.from(bytes) });
    this.#heldBytes += bytes.length;
    if (this.#take) {
      this.#needsJoin = true;
      this.#change.resolve();
    }
    return !this.isFull;
  }
}
