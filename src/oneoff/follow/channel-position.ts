import { Buffer } from "node:buffer";
import { findJoint, guessJoint, isRepeated, isRepeating } from "./joint.ts";

/** How much of what was passed on last is kept, to find it in a log that was rotated meanwhile; in bytes. */
const RECENT_BYTES = 4 * 1024;

/** How many looks have to find the same joint where output repeats itself. */
const AGREEING_LOOKS = 3;

const LINE_FEED = 10;

/** What is known of log and live stream when they are to be joined. */
export interface JointFacts {
  readonly log: Buffer;
  readonly live: Buffer;
  /** Neither has grown for a moment. */
  readonly isSettled: boolean;
  /** The live stream has not grown while the log was read. */
  readonly isLiveStill: boolean;
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
  /** How many looks have found a joint, by joint. */
  #looks = new Map<number, number>();

  constructor(end: number, lower: number) {
    this.end = end;
    this.#lower = lower;
  }

  pass(bytes: Buffer): void {
    this.#recent = Buffer.from(Buffer.concat([this.#recent, bytes.subarray(-RECENT_BYTES)]).subarray(-RECENT_BYTES));
  }

  /** @returns where in the log the live stream begins; undefined as long as that is open. */
  jointOf(facts: JointFacts): number | undefined {
    if (this.isJoined) return this.end;
    const { log, live, isSettled, isLate, isUrgent } = facts;
    const lower = this.#lower;
    if (live.length === 0) return isSettled || isLate ? Math.max(log.length, this.end) : undefined;
    const repeats = !isLate && isRepeating(log, live);
    const joint = repeats ? this.#agreedJoint(facts) : findJoint({ log, lower, live, isSettled });
    // A line that had begun before is in the log only once it ends: the live stream has no more than the end of it.
    const lacksBeginning = joint === log.length && !isUrgent && !live.includes(LINE_FEED);
    if (joint !== undefined && !lacksBeginning) return joint;
    return isLate ? (guessJoint({ log, lower, live }) ?? log.length) : undefined;
  }

  /** What repeats itself may be written so often that it never settles, and a log may lag behind now and then. */
  #agreedJoint({ log, live, isLiveStill }: JointFacts): number | undefined {
    const joint = isLiveStill ? findJoint({ log, lower: this.#lower, live, isSettled: true }) : undefined;
    if (joint === undefined) return undefined;
    const looks = (this.#looks.get(joint) ?? 0) + 1;
    this.#looks.set(joint, looks);
    return looks < AGREEING_LOOKS ? undefined : joint;
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
    this.#looks.clear();
    this.isJoined = false;
  }

  /** Looks for what was passed on last in a log that begins elsewhere. @returns whether it was found. */
  locateIn(log: Buffer): boolean {
    const at = log.lastIndexOf(this.#recent);
    this.end = at < 0 ? 0 : at + this.#recent.length;
    this.#lower = this.end;
    this.#looks.clear();
    return at >= 0;
  }

  /** Whether the end of a log is what was passed on last: not where nothing was, nor where output repeats itself. */
  isAtEndOf(log: Buffer): boolean {
    if (this.#recent.length === 0) return log.length === 0;
    const length = Math.min(log.length, this.#recent.length);
    const last = log.subarray(log.length - length);
    const isSame = last.equals(this.#recent.subarray(this.#recent.length - length));
    return isSame && !isRepeated(log, log.subarray(Math.floor(log.length - length / 2)));
  }

  /** Whether what was passed on last is where it should be. The driver json-file does not keep bytes that are not UTF-8. */
  fits(log: Buffer): boolean {
    // Of what was passed on, the log may begin with the end.
    const length = Math.min(this.end, this.#recent.length);
    return log.subarray(this.end - length, this.end).equals(this.#recent.subarray(this.#recent.length - length));
  }
}
