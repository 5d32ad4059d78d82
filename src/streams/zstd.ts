import { pipeline, Readable } from "node:stream";
import { createZstdDecompress } from "node:zlib";

/** How compressed bytes begin. */
const FRAME = 0xfd2fb528;

/**
 * Decompresses zstd, which not every engine knows; anything else is passed on as it is.
 * @param onGarbled makes the error of compressed bytes that are cut or garbled. What the source throws is thrown as it is.
 */
export async function* withoutZstd(
  source: AsyncIterable<Buffer>,
  onGarbled: (problem: string) => Error,
): AsyncGenerator<Buffer> {
  const incoming = source[Symbol.asyncIterator]();
  try {
    let head = Buffer.alloc(0);
    while (head.length < 4) {
      const { done, value } = await incoming.next();
      if (done) break;
      head = Buffer.concat([head, value]);
    }
    const rest = { [Symbol.asyncIterator]: () => incoming };
    if (head.length >= 4 && head.readUInt32LE() === FRAME) yield* decompressed(head, rest, onGarbled);
    else {
      yield head;
      yield* rest;
    }
  } finally {
    await incoming.return?.();
  }
}

async function* decompressed(head: Buffer, rest: AsyncIterable<Buffer>, onGarbled: (problem: string) => Error) {
  let broken: unknown;
  let fed = head.length;
  const whole = async function* () {
    yield head;
    try {
      for await (const chunk of rest) {
        fed += chunk.length;
        yield chunk;
      }
    } catch (error) {
      broken = error;
      throw error;
    }
  };
  const plain = createZstdDecompress();
  pipeline(Readable.from(whole()), plain, () => {});
  try {
    yield* plain as AsyncIterable<Buffer>;
  } catch (error) {
    throw broken ?? onGarbled((error as Error).message);
  }
  // Before Node 26 it ends with the first frame, whatever follows.
  if (plain.bytesWritten < fed) throw onGarbled("it has several frames; zstd -d puts them together");
}
