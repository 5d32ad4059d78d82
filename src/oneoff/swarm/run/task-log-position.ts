import type { Channel } from "../../../streams/frames.ts";
import type { LogEntry } from "../../../streams/log-entries.ts";

/** stdout and stderr are logged side by side: an entry may be this much older than an earlier entry of the other channel. */
const MAX_SKEW_NS = 250_000_000n;

/** An outage that makes a node send a log again lasts longer. */
const MIN_OUTAGE_NS = 5_000_000_000n;

const SECOND_NS = 1_000_000_000n;

interface ChannelPosition {
  /** The time of the last entry that was passed on, how many have that time, and how many there are in all. */
  last: string;
  atLast: number;
  total: number;
  /** The first entry of the current pass, and the number of entries in it. */
  passFirst: string | undefined;
  passTotal: number;
  /** How many entries follow that were passed on already. */
  skip: number;
  /** The number of entries with the time of the last one in this pass; undefined when it has reached new output. */
  resumedAtLast: number | undefined;
}

const start = (): ChannelPosition => ({
  ...{ last: "", atLast: 0, total: 0, passFirst: undefined, passTotal: 0, skip: 0, resumedAtLast: undefined },
});

/**
 * How much of a task's log has been passed on, by channel, so that the log can be read again from there. Times are in UTC
 * with nanoseconds, and several entries may have the same.
 */
export class TaskLogPosition {
  readonly #channels: Readonly<Record<Channel, ChannelPosition>> = { stdout: start(), stderr: start() };
  /** Whether the clock of the node was set back: times do not tell what is new. */
  #isUnordered = false;

  /** Begins another pass. @returns the time to read from, in seconds since 1970 with nanoseconds; undefined for the beginning. */
  reopen(): string | undefined {
    const positions = Object.values(this.#channels);
    for (const position of positions) {
      position.passFirst = undefined;
      position.passTotal = 0;
      position.skip = this.#isUnordered ? position.total : 0;
      position.resumedAtLast = this.#isUnordered || position.total === 0 ? undefined : 0;
    }
    const times = positions.flatMap(({ last }) => (last === "" ? [] : toNanoseconds(last))).sort(ascending);
    const [oldest, latest] = [times[0], times.at(-1)];
    if (this.#isUnordered || oldest === undefined || latest === undefined) return undefined;
    const earliest = latest - MAX_SKEW_NS;
    const since = times.length === positions.length && oldest > earliest ? oldest : earliest;
    return `${since / SECOND_NS}.${String(since % SECOND_NS).padStart(9, "0")}`;
  }

  /** Whether an entry is new. Call it for every entry of a pass in order. */
  accept({ channel, stamp }: Pick<LogEntry, "channel" | "stamp">): boolean {
    const position = this.#channels[channel];
    if (position.skip === 0 && stamp === position.passFirst && this.#isRepeat(position, stamp)) {
      for (const one of Object.values(this.#channels)) one.skip = one.passTotal;
    }
    if (position.skip > 0) {
      position.skip -= 1;
      return false;
    }
    position.passFirst ??= stamp;
    position.passTotal += 1;
    if (position.resumedAtLast !== undefined) {
      if (stamp < position.last) return false;
      if (stamp === position.last && position.resumedAtLast < position.atLast) {
        position.resumedAtLast += 1;
        return false;
      }
      position.resumedAtLast = undefined;
    }
    this.#isUnordered ||= stamp < position.last;
    position.atLast = stamp === position.last ? position.atLast + 1 : 1;
    position.last = stamp;
    position.total += 1;
    return true;
  }

  /**
   * After an outage of the node, a followed log is sent again from the beginning of the pass. Parts of a line have one
   * time, so that an equal time proves nothing.
   */
  #isRepeat({ last }: ChannelPosition, stamp: string): boolean {
    if (stamp < last) return true;
    const times = Object.values(this.#channels).flatMap((one) => (one.last === "" ? [] : toNanoseconds(one.last)));
    return times.some((time) => toNanoseconds(stamp) + MIN_OUTAGE_NS < time);
  }
}

const ascending = (a: bigint, b: bigint) => (a < b ? -1 : 1);

/** Since 1970. */
function toNanoseconds(stamp: string): bigint {
  const [, fraction = ""] = /\.(\d+)/.exec(stamp) ?? [];
  return BigInt(Math.floor(Date.parse(stamp) / 1000)) * SECOND_NS + BigInt(fraction.padEnd(9, "0"));
}
