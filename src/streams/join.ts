import { pipeline } from "node:stream/promises";

/**
 * Joins two streams: an error, or an early end, on either side ends the other with it. Nowhere else are streams joined,
 * since `pipe` leaves the reader of a source that broke waiting for ever.
 * @returns once the target has everything. Whoever reads the target sees an error there, and need not wait for this.
 */
export function join(
  source: NodeJS.ReadableStream | AsyncIterable<unknown>,
  target: NodeJS.WritableStream,
): Promise<void> {
  const joined = pipeline(source, target);
  joined.catch(() => {});
  return joined;
}
