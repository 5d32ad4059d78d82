import { Buffer } from "node:buffer";
import { findLiveStart, guessLiveStart, isRepeated, isRepeating } from "./overlap.ts";

/** The latest output is kept, to find it again in a log that has rotated. */
const RECENT_BYTES = 4 * 1024;

/** Repeated output matches in several places: so many attempts must agree on one. */
const MIN_AGREEING_ATTEMPTS = 3;

const LINE_FEED = 10;

/** The state of log and live stream when an overlap is searched. */
export interface OverlapState {
  readonly log: Buffer;
  readonly live: Buffer;
  /** Neither has grown for a moment. */
  readonly isSettled: boolean;
  /** The live stream did not grow while the log was read. */
  readonly isLiveStill: boolean;
  /** This is the last attempt. */
  readonly isLastAttempt: boolean;
  /** Whether a line may be printed from its middle, e.g. a prompt. */
  readonly allowsPartialLine: boolean;
}

/** How much output of a channel has been passed on, in bytes of the log from its anchor. */
export class ChannelPosition {
  end: number;
  /** The log up to here is certainly older than the live stream. */
  #lower: number;
  isJoined = false;
  #recent = Buffer.alloc(0);
  /** How many attempts have found a position, by position. */
  #attempts = new Map<number, number>();

  constructor(end: number, lower: number) {
    this.end = end;
    this.#lower = lower;
  }

  pass(bytes: Buffer): void {
    this.#recent = Buffer.from(Buffer.concat([this.#recent, bytes.subarray(-RECENT_BYTES)]).subarray(-RECENT_BYTES));
  }

  /** @returns where the live stream begins in the log; undefined while that is unknown. */
  findLiveStart(state: OverlapState): number | undefined {
    if (this.isJoined) return this.end;
    const { log, live, isSettled, isLastAttempt: isLate, allowsPartialLine: isUrgent } = state;
    const lower = this.#lower;
    if (live.length === 0) return isSettled || isLate ? Math.max(log.length, this.end) : undefined;
    const repeats = !isLate && isRepeating(log, live);
    const start = repeats ? this.#findAgreedStart(state) : findLiveStart({ log, lower, live, isSettled });
    // A line that began before the attach is in the log only when it ends: the live stream has only its end.
    const lacksBeginning = start === log.length && !isUrgent && !live.includes(LINE_FEED);
    if (start !== undefined && !lacksBeginning) return start;
    return isLate ? (guessLiveStart({ log, lower, live }) ?? log.length) : undefined;
  }

  /** Repeated output may never settle, and the log may lag behind. */
  #findAgreedStart({ log, live, isLiveStill }: OverlapState): number | undefined {
    const start = isLiveStill ? findLiveStart({ log, lower: this.#lower, live, isSettled: true }) : undefined;
    if (start === undefined) return undefined;
    const attempts = (this.#attempts.get(start) ?? 0) + 1;
    this.#attempts.set(start, attempts);
    return attempts < MIN_AGREEING_ATTEMPTS ? undefined : start;
  }

  /** @returns how many bytes of the live stream were passed on already. */
  join(start: number): number {
    const repeated = Math.max(this.end - start, 0);
    this.isJoined = true;
    this.end = Math.max(this.end, start);
    return repeated;
  }

  /** Prepares for a new live stream. */
  reopen(): void {
    this.#lower = this.end;
    this.#attempts.clear();
    this.isJoined = false;
  }

  /** @returns where a part of the log continues after the latest output; undefined unless that is certain. */
  findEndIn(log: Buffer): number | undefined {
    if (log.length === 0) return 0;
    // Little output may be repeated.
    if (this.#recent.length < RECENT_BYTES) return undefined;
    const at = log.indexOf(this.#recent);
    return at < 0 || log.indexOf(this.#recent, at + 1) >= 0 ? undefined : at + this.#recent.length;
  }

  /** Adopts a position in a log with another beginning. */
  moveTo(end: number): void {
    this.end = end;
    this.#lower = end;
    this.#attempts.clear();
  }

  /** Finds the latest output in a log with another beginning. @returns whether it was found. */
  locateIn(log: Buffer): boolean {
    const at = log.lastIndexOf(this.#recent);
    this.moveTo(at < 0 ? 0 : at + this.#recent.length);
    return at >= 0;
  }

  /** Whether the log ends with the latest output. False without output, and for repeated output, which proves nothing. */
  isAtEndOf(log: Buffer): boolean {
    if (this.#recent.length === 0) return log.length === 0;
    const length = Math.min(log.length, this.#recent.length);
    const last = log.subarray(log.length - length);
    const isSame = last.equals(this.#recent.subarray(this.#recent.length - length));
    return isSame && !isRepeated(log, log.subarray(Math.floor(log.length - length / 2)));
  }

  /** Whether the latest output is at its position. The json-file driver does not keep bytes that are not UTF-8. */
  isAtPositionIn(log: Buffer): boolean {
    // The log may begin within the output that was passed on.
    const length = Math.min(this.end, this.#recent.length);
    return log.subarray(this.end - length, this.end).equals(this.#recent.subarray(this.#recent.length - length));
  }
}
