import type { Buffer } from "node:buffer";
import { PART_BYTES } from "../../streams/log-entries.ts";

/** The log and the live stream of one channel: the same bytes, of which the log has the older and may have the newer ones. */
export interface Overlap {
  readonly log: Buffer;
  /** Up to here the log is older than the live stream for certain. */
  readonly lower: number;
  readonly live: Buffer;
  /** Neither has grown for a moment: the log then lacks no more than a last line that has not ended. */
  readonly isSettled: boolean;
}

const LINE_FEED = 10;

/**
 * Finds where in the log the live stream begins.
 * @returns undefined when more of the log or of the live stream is needed to tell.
 */
export function findJoint({ log, lower, live, isSettled }: Overlap): number | undefined {
  const text = log.subarray(lower);
  if (isSettled) {
    const shared = sharedLengths(text, live).find((length) => isUnfinished(live.subarray(length)));
    return shared === undefined ? undefined : log.length - shared;
  }
  const [first, second] = positions(text, live.subarray(0, loggedLength(live)));
  return first === undefined || second !== undefined ? undefined : lower + first;
}

/** Whether what is live may be found in several places: a log that lags behind then fits as well as one that does not. */
export const isRepeating = (log: Buffer, live: Buffer): boolean =>
  isRepeated(log, live.subarray(0, loggedLength(live)));

/** Whether one text is several times in another. */
export const isRepeated = (text: Buffer, pattern: Buffer): boolean => positions(text, pattern).length > 1;

/**
 * The joint that repeats nothing, when there is no more time to tell: output that repeats itself fits in several places.
 * @returns undefined where nothing fits.
 */
export function guessJoint({ log, lower, live }: Omit<Overlap, "isSettled">): number | undefined {
  const text = log.subarray(lower);
  const [first] = positions(text, live.subarray(0, loggedLength(live)));
  if (first !== undefined) return lower + first;
  const shared = sharedLengths(text, live)[0] ?? 0;
  return shared > 0 ? log.length - shared : undefined;
}

/** How much of the live stream is stored by now, unless the log lags behind: all but a part of a line. */
const loggedLength = (live: Buffer) => Math.max(live.lastIndexOf(LINE_FEED) + 1, live.length - PART_BYTES, 0);

const isUnfinished = (rest: Buffer) => rest.length < PART_BYTES && !rest.includes(LINE_FEED);

/** The first two positions of one text in another. */
function positions(text: Buffer, pattern: Buffer): number[] {
  if (pattern.length === 0) return [];
  const found: number[] = [];
  for (let at = text.indexOf(pattern); at >= 0 && found.length < 2; at = text.indexOf(pattern, at + 1)) found.push(at);
  return found;
}

/** How many bytes may be the end of one text and the beginning of another: the most first, and 0 (Knuth, Morris and Pratt). */
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
