import type { Buffer } from "node:buffer";
import { PART_BYTES } from "../../streams/log-entries.ts";

/** Log and live stream of a channel. The log has older output, and may have newer output too. */
export interface Overlap {
  readonly log: Buffer;
  /** The log up to here is certainly older than the live stream. */
  readonly lower: number;
  readonly live: Buffer;
  /** Neither has grown for a moment: the log lacks at most an unfinished last line. */
  readonly isSettled: boolean;
}

const LINE_FEED = 10;

/**
 * Finds where the live stream begins in the log.
 * @returns undefined if more output is needed to decide.
 */
export function findLiveStart({ log, lower, live, isSettled }: Overlap): number | undefined {
  const text = log.subarray(lower);
  if (isSettled) {
    const shared = sharedLengths(text, live).find((length) => isUnfinished(live.subarray(length)));
    return shared === undefined ? undefined : log.length - shared;
  }
  const [first, second] = positions(text, live.subarray(0, loggedLength(live)));
  return first === undefined || second !== undefined ? undefined : lower + first;
}

/** Whether the live output may match in several places, so that a log that lags behind matches too. */
export const isRepeating = (log: Buffer, live: Buffer): boolean =>
  isRepeated(log, live.subarray(0, loggedLength(live)));

/** Whether a text contains another one several times. */
export const isRepeated = (text: Buffer, pattern: Buffer): boolean => positions(text, pattern).length > 1;

/**
 * Chooses the position that repeats no output, when several match and there is no more time.
 * @returns undefined if none matches.
 */
export function guessLiveStart({ log, lower, live }: Omit<Overlap, "isSettled">): number | undefined {
  const text = log.subarray(lower);
  const [first] = positions(text, live.subarray(0, loggedLength(live)));
  if (first !== undefined) return lower + first;
  const shared = sharedLengths(text, live)[0] ?? 0;
  return shared > 0 ? log.length - shared : undefined;
}

/** How much of the live stream the log has by now, unless it lags behind: all but an unfinished part. */
const loggedLength = (live: Buffer) => Math.max(live.lastIndexOf(LINE_FEED) + 1, live.length - PART_BYTES, 0);

const isUnfinished = (rest: Buffer) => rest.length < PART_BYTES && !rest.includes(LINE_FEED);

/** The first two positions of a text in another one. */
function positions(text: Buffer, pattern: Buffer): number[] {
  if (pattern.length === 0) return [];
  const offsets: number[] = [];
  for (let at = text.indexOf(pattern); at >= 0 && offsets.length < 2; at = text.indexOf(pattern, at + 1))
    offsets.push(at);
  return offsets;
}

/** Lengths of a text's end that equal the other's beginning, longest first, down to 0 (Knuth, Morris and Pratt). */
function sharedLengths(text: Buffer, pattern: Buffer): number[] {
  const fallback = new Uint32Array(pattern.length + 1);
  const advance = (matched: number, byte: number | undefined) => {
    let length = matched;
    while (length > 0 && (length === pattern.length || pattern[length] !== byte)) length = fallback[length] ?? 0;
    return pattern[length] === byte ? length + 1 : length;
  };
  for (let at = 1; at < pattern.length; at += 1) fallback[at + 1] = advance(fallback[at] ?? 0, pattern[at]);
  let matched = 0;
  for (const byte of text.subarray(Math.max(text.length - pattern.length, 0))) matched = advance(matched, byte);
  const lengths: number[] = [];
  for (let length = matched; length > 0; length = fallback[length] ?? 0) lengths.push(length);
  return [...lengths, 0];
}
