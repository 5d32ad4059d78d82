import type { Readable } from "node:stream";

interface Beginning {
  text(): string;
  readonly whole: boolean;
}

/** The beginning of a body: at most `limit` bytes. @returns whether that is all of it; the rest is not read. */
export async function readUpTo(body: Readable, limit: number): Promise<Beginning> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    // Leaving the loop destroys the body, and with it the connection.
    if (length > limit) return beginning(chunks, limit, false);
  }
  return beginning(chunks, limit, true);
}

/** The text is made when it is asked for: it may be hundreds of megabytes that nobody wants when they are not all. */
const beginning = (chunks: readonly Buffer[], limit: number, whole: boolean): Beginning => ({
  text: () => Buffer.concat(chunks).subarray(0, limit).toString(),
  whole,
});
