import type { Channel } from "../../streams/frames.ts";
import type { LogEntry } from "../../streams/log-entries.ts";

/** stdout and stderr are logged side by side: an entry may be this much older than the entry before it. */
const MAX_SKEW_S = 5;

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
    const times = positions.flatMap(({ last }) => (last === "" ? [] : toSeconds(last))).sort(byTime);
    const [oldest, latest] = [times[0], times.at(-1)];
    if (this.#isUnordered || !oldest || !latest) return undefined;
    const least: Seconds = [latest[0] - MAX_SKEW_S, latest[1]];
    const since = times.length === positions.length && byTime(oldest, least) > 0 ? oldest : least;
    return `${since[0]}.${since[1]}`;
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
    const latest = Object.values(this.#channels).flatMap((one) => (one.last === "" ? [] : toSeconds(one.last)[0][0]));
    return toSeconds(stamp)[0][0] + MAX_SKEW_S < Math.max(...latest);
  }
}

type Seconds = readonly [seconds: number, nanoseconds: string];

function toSeconds(stamp: string): [Seconds] {
  const [, fraction = ""] = /\.(\d+)/.exec(stamp) ?? [];
  return [[Math.floor(Date.parse(stamp) / 1000), fraction.padEnd(9, "0")]];
}

const byTime = (a: Seconds, b: Seconds) => a[0] - b[0] || Number(a[1]) - Number(b[1]);
