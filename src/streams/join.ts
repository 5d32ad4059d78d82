import { pipeline } from "node:stream/promises";

/**
 * Joins two streams: an error or early end of one stream destroys the other. Nothing else in src joins streams,
 * because `pipe` leaves the reader of a failed source waiting forever.
 * @returns when the target has everything. Readers of the target receive errors there and need not await this.
 */
export function join(
  source: NodeJS.ReadableStream | AsyncIterable<unknown>,
  target: NodeJS.WritableStream,
): Promise<void> {
  const joined = pipeline(source, target);
  joined.catch(() => {});
  return joined;
}
