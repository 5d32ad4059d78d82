import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { join } from "./join.ts";

/** By how compressed bytes begin. */
const FORMATS = {
  zstd: { begin: Buffer.from("28b52ffd", "hex"), create: createZstdDecompress },
  gzip: { begin: Buffer.from("1f8b", "hex"), create: createGunzip },
} as const;

type Format = keyof typeof FORMATS;

/**
 * Decompresses what an engine does not know; anything else is passed on as it is.
 * @param unknown what that is.
 * @param onGarbled makes the error of compressed bytes that are cut or garbled. What the source throws is thrown as it is.
 */
export async function* decompressed(
  source: AsyncIterable<Buffer>,
  unknown: readonly Format[],
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
    const format = unknown.find((one) => beginsWith(head, FORMATS[one].begin));
    if (format) yield* plainBytes(format, head, rest, onGarbled);
    else {
      yield head;
      yield* rest;
    }
  } finally {
    await incoming.return?.();
  }
}

const beginsWith = (bytes: Buffer, begin: Buffer) => bytes.subarray(0, begin.length).equals(begin);

async function* plainBytes(
  format: Format,
  head: Buffer,
  rest: AsyncIterable<Buffer>,
  onGarbled: (problem: string) => Error,
) {
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
  const plain = FORMATS[format].create();
  void join(Readable.from(whole()), plain);
  try {
    yield* plain as AsyncIterable<Buffer>;
  } catch (error) {
    throw broken ?? onGarbled((error as Error).message);
  }
  // Before Node 26 it ends with the first frame, whatever follows.
  if (format === "zstd" && plain.bytesWritten < fed)
    throw onGarbled("it has several frames; zstd -d puts them together");
}
