import type { Readable } from "node:stream";

/** The beginning of a body: at most `limit` bytes. @returns whether that is all of it; the rest is not read. */
export async function readUpTo(body: Readable, limit: number): Promise<{ text: string; whole: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    // Leaving the loop destroys the body, and with it the connection.
    if (length > limit) return { text: Buffer.concat(chunks).subarray(0, limit).toString(), whole: false };
  }
  return { text: Buffer.concat(chunks).toString(), whole: true };
}
