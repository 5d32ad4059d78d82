import type { Readable } from "node:stream";

interface Beginning {
  text(): string;
  readonly whole: boolean;
}

/** Reads at most `limit` bytes of a body. @returns whether the body is complete; the rest is not read. */
export async function readUpTo(body: Readable, limit: number): Promise<Beginning> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    // Leaving the loop destroys the body and its connection.
    if (length > limit) return beginning(chunks, limit, false);
  }
  return beginning(chunks, limit, true);
}

/** Decodes lazily: a truncated body may have hundreds of megabytes that are not needed. */
const beginning = (chunks: readonly Buffer[], limit: number, whole: boolean): Beginning => ({
  text: () => Buffer.concat(chunks).subarray(0, limit).toString(),
  whole,
});
