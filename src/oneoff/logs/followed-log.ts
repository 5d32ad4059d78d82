import { Buffer } from "node:buffer";
import type { LogRange } from "../../engine/logs.ts";
import type { LogConfig } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import type { Channel } from "../../streams/frames.ts";
import type { LogEntry } from "../../streams/log-entries.ts";
import { retryUntilReconnected } from "../session/reconnect.ts";
import { ChannelPosition, type OverlapState } from "./channel-position.ts";
import { LogSize } from "./log-size.ts";
import { isSameEntry, type LogSource, readFrom, readLog } from "./log-tail.ts";

export const CHANNELS = ["stdout", "stderr"] as const;

/** How many messages are compared to detect that the live stream was cut before its end. */
const LAST_ENTRIES = 64;

/** How many messages are searched for the latest output. */
const REOPEN_TAILS = [1_000, 30_000];

interface Handlers {
  readonly signal: AbortSignal;
  /** Passes on a message or a part of it. Resolves when more can be passed on. */
  pass(entry: LogEntry, bytes: Buffer): Promise<void>;
  /** Output was removed from the log before it was read. @param first the oldest remaining message. */
  onLoss(first: LogEntry): void;
  /** The log may have lost its oldest output. @param since the time of its oldest message. */
  onFull(since: string): void;
}

/** The log of a running container, and how much of its output has been passed on. */
export class FollowedLog {
  readonly #source: LogSource;
  readonly #handlers: Handlers;
  /** Positions are relative to this message. */
  #anchor: LogEntry | undefined;
  positions = positionsAt({ stdout: 0, stderr: 0 });

  /** @param anchor the last message before the attach; undefined for an empty log. */
  constructor(source: LogSource, anchor: LogEntry | undefined, handlers: Handlers) {
    this.#source = source;
    this.#anchor = anchor;
    this.#handlers = handlers;
  }

  /** Passes on the output from before the attach. */
  async passHistory({ tail, since }: LogRange, logConfig: LogConfig): Promise<void> {
    const anchor = this.#anchor;
    if (!anchor) return;
    this.positions[anchor.channel] = new ChannelPosition(anchor.bytes.length, anchor.bytes.length);
    if (tail === 0) return;
    let first: LogEntry | undefined;
    const passed = { stdout: 0, stderr: 0 };
    const extent = new LogSize(logConfig, tail);
    for await (const entry of this.#readHistory({ tail, since })) {
      if (this.#handlers.signal.aborted) return;
      extent.add(entry);
      await this.#pass(entry, entry.bytes);
      if (isSameEntry(entry, anchor)) {
        if (extent.fullSince) this.#handlers.onFull(extent.fullSince);
        return;
      }
      first ??= entry;
      passed[entry.channel] += entry.bytes.length;
    }
    if (!first) return;
    // The log has rotated beyond the anchor: all output so far is newer.
    this.#anchor = first;
    this.positions = positionsAt(passed);
    if (since === undefined) this.#handlers.onLoss(first);
  }

  /** Only the first message can be asked for again: later ones would be passed on twice. */
  async *#readHistory(range: LogRange): AsyncGenerator<LogEntry> {
    const open = async () => {
      const entries = readLog(this.#source, range);
      return { entries, first: await entries.next() };
    };
    const { entries, first } = await retryUntilReconnected(this.#source.engine, open);
    try {
      if (!first.done) yield first.value;
      yield* entries;
    } finally {
      await entries.return(undefined);
    }
  }

  /** Prepares for a new live stream. After a long time, the anchor is far behind: a later one is used if it is certain. */
  async reopen(): Promise<void> {
    for (const channel of CHANNELS) this.positions[channel].reopen();
    for (const tail of REOPEN_TAILS) {
      const entries = await unlessRefused(Array.fromAsync(readLog(this.#source, { tail })));
      const [first] = entries ?? [];
      if (!entries || !first) return;
      const [stdout, stderr] = CHANNELS.map((channel) => this.positions[channel].findEndIn(bytesOf(entries, channel)));
      if (stdout === undefined || stderr === undefined) continue;
      this.#anchor = first;
      this.positions.stdout.moveTo(stdout);
      this.positions.stderr.moveTo(stderr);
      return;
    }
  }

  /** Reads all messages from the anchor on and adjusts the positions. @returns undefined if the log cannot be read. */
  async read(): Promise<readonly LogEntry[] | undefined> {
    const reading = retryUntilReconnected(this.#source.engine, () => readFrom(this.#source, this.#anchor));
    const { entries, isWhole } = (await unlessRefused(reading)) ?? {};
    if (!entries) return undefined;
    const matches = isWhole
      ? []
      : CHANNELS.map((channel) => this.positions[channel].locateIn(bytesOf(entries, channel)));
    if (entries[0] && matches.includes(false)) this.#handlers.onLoss(entries[0]);
    this.#anchor = entries[0] ?? this.#anchor;
    return entries;
  }

  /** @returns where the live stream of each channel begins in the log; undefined while that is unknown. */
  findLiveStarts(
    entries: readonly LogEntry[],
    held: Readonly<Record<Channel, Buffer>>,
    state: Omit<OverlapState, "log" | "live">,
  ): Readonly<Record<Channel, number>> | undefined {
    const logs = { stdout: bytesOf(entries, "stdout"), stderr: bytesOf(entries, "stderr") };
    const find = (channel: Channel, isLate = state.isLastAttempt) =>
      this.positions[channel].findLiveStart({
        ...state,
        isLastAttempt: isLate,
        log: logs[channel],
        live: held[channel],
      });
    const starts = { stdout: find("stdout"), stderr: find("stderr") };
    // A silent channel must not delay the other one, and with it the container.
    const withSilent = (channel: Channel, other: Channel) => {
      const isOtherReady = starts[other] !== undefined && held[other].length > 0;
      return starts[channel] ?? (isOtherReady && held[channel].length === 0 ? find(channel, true) : undefined);
    };
    const [stdout, stderr] = [withSilent("stdout", "stderr"), withSilent("stderr", "stdout")];
    return stdout === undefined || stderr === undefined ? undefined : { stdout, stderr };
  }

  /** Passes on the output between the current and the given positions. */
  async passEntries(entries: readonly LogEntry[], ends: Readonly<Record<Channel, number>>): Promise<void> {
    const offsets = { stdout: 0, stderr: 0 };
    for (const entry of entries) {
      const start = offsets[entry.channel];
      offsets[entry.channel] += entry.bytes.length;
      const from = Math.max(this.positions[entry.channel].end - start, 0);
      const bytes = entry.bytes.subarray(from, Math.max(ends[entry.channel] - start, 0));
      if (bytes.length > 0) await this.#pass(entry, bytes);
    }
  }

  /** Passes on the output that a cut live stream did not deliver. @returns the last messages; undefined without a log. */
  async passEnd(): Promise<readonly LogEntry[] | undefined> {
    const reading = () => Array.fromAsync(readLog(this.#source, { tail: LAST_ENTRIES }));
    const last = await unlessRefused(retryUntilReconnected(this.#source.engine, reading));
    if (!last || CHANNELS.every((channel) => this.positions[channel].isAtEndOf(bytesOf(last, channel)))) return last;
    const entries = await this.read();
    if (!entries) return undefined;
    const endIn = (channel: Channel) => {
      const log = bytesOf(entries, channel);
      return this.positions[channel].isAtPositionIn(log) ? log.length : 0;
    };
    await this.passEntries(entries, { stdout: endIn("stdout"), stderr: endIn("stderr") });
    return entries;
  }

  async #pass(entry: LogEntry, bytes: Buffer): Promise<void> {
    this.positions[entry.channel].pass(bytes);
    await this.#handlers.pass(entry, bytes);
  }
}

const positionsAt = ({ stdout, stderr }: Readonly<Record<Channel, number>>) => ({
  stdout: new ChannelPosition(stdout, 0),
  stderr: new ChannelPosition(stderr, 0),
});

export const bytesOf = (entries: readonly LogEntry[], channel: Channel): Buffer =>
  Buffer.concat(entries.filter((entry) => entry.channel === channel).map(({ bytes }) => bytes));

/** @returns undefined if the log cannot be read or the container was removed. */
export async function unlessRefused<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isRefusal(error, 404, 409, 501)) return undefined;
    throw error;
  }
}
