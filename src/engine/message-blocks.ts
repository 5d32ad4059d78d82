import { messageIn, PREFIX_LENGTH } from "./grpc-server.ts";

/** In bytes: far less than the 4 MB that a receiver accepts in one message. */
const BLOCK = 256 * 1024;

/** Collects messages in two alternating blocks: one is filled while the other is sent. */
export class MessageBlocks {
  readonly #send: (messages: Buffer) => Promise<void>;
  #block = Buffer.allocUnsafeSlow(BLOCK);
  #other = Buffer.allocUnsafeSlow(BLOCK);
  #used = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(send: (messages: Buffer) => Promise<void>) {
    this.#send = send;
  }

  /** The length of the longest message that the block has room for. */
  get room(): number {
    return BLOCK - this.#used - PREFIX_LENGTH;
  }

  /** @returns the memory of a new message. */
  take(length: number): Buffer {
    const message = messageIn(this.#block, this.#used, length);
    this.#used += PREFIX_LENGTH + length;
    return message;
  }

  /** Resolves when a whole block has room. */
  async flush(): Promise<void> {
    if (this.#used === 0) return;
    await this.#sending;
    this.#sending = this.#send(this.#block.subarray(0, this.#used));
    // Its error is thrown by the next flush.
    this.#sending.catch(() => {});
    [this.#block, this.#other] = [this.#other, this.#block];
    this.#used = 0;
  }

  async end(): Promise<void> {
    await this.flush();
    await this.#sending;
  }
}
