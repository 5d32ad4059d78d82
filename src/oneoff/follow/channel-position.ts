import { Buffer } from "node:buffer";
import { findJoint, guessJoint } from "./joint.ts";

/** How much of what was passed on last is kept, to find it in a log that was rotated meanwhile; in bytes. */
const RECENT_BYTES = 4 * 1024;

const LINE_FEED = 10;

/** What is known of log and live stream when they are to be joined. */
export interface JointFacts {
  readonly log: Buffer;
  readonly live: Buffer;
  /** How many times both were looked at in a row without having grown. */
  readonly stillLooks: number;
  /** There is no more time to find it out. */
  readonly isLate: boolean;
  /** Whether output is to be shown at once, even the end of a line whose beginning is not known yet. */
  readonly isUrgent: boolean;
}

/** How far the output of a channel has been passed on, in bytes of the log from some message on. */
export class ChannelPosition {
  end: number;
  /** What is older than the live stream for certain. */
  #lower: number;
  isJoined = false;
  #recent = Buffer.alloc(0);

  constructor(end: number, lower: number) {
    this.end = end;
    this.#lower = lower;
  }

  pass(bytes: Buffer): void {
    this.#recent = Buffer.from(Buffer.concat([this.#recent, bytes.subarray(-RECENT_BYTES)]).subarray(-RECENT_BYTES));
  }

  /** @returns where in the log the live stream begins; undefined as long as that is open. */
  jointOf({ log, live, stillLooks, isLate, isUrgent }: JointFacts): number | undefined {
    if (this.isJoined) return this.end;
    const lower = this.#lower;
    if (live.length === 0) return stillLooks > 0 || isLate ? Math.max(log.length, this.end) : undefined;
    const joint = findJoint({ log, lower, live, stillLooks });
    // A line that had begun before is in the log only once it ends: the live stream has no more than the end of it.
    const lacksBeginning = joint === log.length && !isUrgent && !live.includes(LINE_FEED);
    if (joint !== undefined && !lacksBeginning) return joint;
    return isLate ? (guessJoint({ log, lower, live }) ?? log.length) : undefined;
  }

  /** @returns how many bytes of the live stream have been passed on already. */
  join(joint: number): number {
    const repeated = Math.max(this.end - joint, 0);
    this.isJoined = true;
    this.end = Math.max(this.end, joint);
    return repeated;
  }

  /** The live stream begins again. */
  reopen(): void {
    this.#lower = this.end;
    this.isJoined = false;
  }

  /** Looks for what was passed on last in a log that begins elsewhere. @returns whether it was found. */
  locateIn(log: Buffer): boolean {
    const at = log.lastIndexOf(this.#recent);
    this.end = at < 0 ? 0 : at + this.#recent.length;
    this.#lower = this.end;
    return at >= 0;
  }

  /** Whether the end of a log is what was passed on last: not where nothing was. */
  isAtEndOf(log: Buffer): boolean {
    if (this.#recent.length === 0) return log.length === 0;
    const length = Math.min(log.length, this.#recent.length);
    return log.subarray(log.length - length).equals(this.#recent.subarray(this.#recent.length - length));
  }

  /** Whether what was passed on last is where it should be. The driver json-file does not keep bytes that are not UTF-8. */
  fits(log: Buffer): boolean {
    // Of what was passed on, the log may begin with the end.
    const length = Math.min(this.end, this.#recent.length);
    return log.subarray(this.end - length, this.end).equals(this.#recent.subarray(this.#recent.length - length));
  }
}
