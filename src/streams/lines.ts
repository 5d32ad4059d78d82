import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** The values of a stream of JSON lines, as the engine sends progress. */
export async function* jsonLines<T>(stream: Readable): AsyncGenerator<T> {
  for await (const line of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim()) yield JSON.parse(line) as T;
  }
}
