import { Buffer } from "node:buffer";
import type { LogRange } from "../../engine/logs.ts";
import type { LogConfig } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import type { Channel } from "../../streams/frames.ts";
import type { LogEntry } from "../../streams/log-entries.ts";
import { retryUntilReconnected } from "../session/reconnect.ts";
import { ChannelPosition } from "./channel-position.ts";
import { LogExtent } from "./log-extent.ts";
import { isSame, type LogSource, readFrom, readLog } from "./log-tail.ts";

export const CHANNELS = ["stdout", "stderr"] as const;

/** How many messages are read to see whether the live stream was cut before its end. */
const LAST_ENTRIES = 64;

interface Handlers {
  readonly signal: AbortSignal;
  /** Takes a message, or a part of one. Resolves when there is room for more. */
  pass(entry: LogEntry, bytes: Buffer): Promise<void>;
  /** Output has been removed from the log before it was read. @param first what is left begins with it. */
  onLoss(first: LogEntry): void;
  /** The log may have lost its oldest output. @param since it begins then. */
  onFull(since: string): void;
}

/** The log of a container that runs, and how far its output has been passed on. */
export class FollowedLog {
  readonly #source: LogSource;
  readonly #handlers: Handlers;
  /** The message from which on positions count. */
  #anchor: LogEntry | undefined;
  positions = positionsAt({ stdout: 0, stderr: 0 });

  /** @param anchor the last message before the container was attached to; undefined where there was none. */
  constructor(source: LogSource, anchor: LogEntry | undefined, handlers: Handlers) {
    this.#source = source;
    this.#anchor = anchor;
    this.#handlers = handlers;
  }

  /** Passes on what was in the log before the container was attached to. */
  async passHistory({ tail, since }: LogRange, logConfig: LogConfig): Promise<void> {
    const anchor = this.#anchor;
    if (!anchor) return;
    this.positions[anchor.channel] = new ChannelPosition(anchor.bytes.length, anchor.bytes.length);
    if (tail === 0) return;
    let first: LogEntry | undefined;
    const passed = { stdout: 0, stderr: 0 };
    const extent = new LogExtent(logConfig, tail);
    for await (const entry of readLog(this.#source, { tail, since })) {
      if (this.#handlers.signal.aborted) return;
      extent.add(entry);
      await this.#pass(entry, entry.bytes);
      if (isSame(entry, anchor)) {
        if (extent.fullSince) this.#handlers.onFull(extent.fullSince);
        return;
      }
      first ??= entry;
      passed[entry.channel] += entry.bytes.length;
    }
    if (!first) return;
    // The log was rotated beyond the anchor: what has been passed on is newer than that.
    this.#anchor = first;
    this.positions = positionsAt(passed);
    if (since === undefined) this.#handlers.onLoss(first);
  }

  /** Everything from the anchor on; positions fit to it. @returns undefined where the log cannot be read. */
  async read(): Promise<readonly LogEntry[] | undefined> {
    const reading = retryUntilReconnected(this.#source.engine, () => readFrom(this.#source, this.#anchor));
    const { entries, isWhole } = (await unlessRefused(reading)) ?? {};
    if (!entries) return undefined;
    const located = isWhole ? [] : CHANNELS.map((one) => this.positions[one].locateIn(bytesOf(entries, one)));
    if (entries[0] && located.includes(false)) this.#handlers.onLoss(entries[0]);
    this.#anchor = entries[0] ?? this.#anchor;
    return entries;
  }

  /** Passes on what is in the log up to these positions, and has not been passed on. */
  async passEntries(entries: readonly LogEntry[], ends: Readonly<Record<Channel, number>>): Promise<void> {
    const at = { stdout: 0, stderr: 0 };
    for (const entry of entries) {
      const start = at[entry.channel];
      at[entry.channel] += entry.bytes.length;
      const from = Math.max(this.positions[entry.channel].end - start, 0);
      const bytes = entry.bytes.subarray(from, Math.max(ends[entry.channel] - start, 0));
      if (bytes.length > 0) await this.#pass(entry, bytes);
    }
  }

  /** Passes on what a live stream that was cut did not bring. */
  async passEnd(): Promise<void> {
    const last = await unlessRefused(Array.fromAsync(readLog(this.#source, { tail: LAST_ENTRIES })));
    if (!last || CHANNELS.every((channel) => this.positions[channel].isAtEndOf(bytesOf(last, channel)))) return;
    const entries = (await this.read()) ?? [];
    const endOf = (channel: Channel) => {
      const log = bytesOf(entries, channel);
      return this.positions[channel].fits(log) ? log.length : 0;
    };
    await this.passEntries(entries, { stdout: endOf("stdout"), stderr: endOf("stderr") });
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

/** @returns undefined where there is no log that can be read, or the container has been removed. */
export async function unlessRefused<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isRefusal(error, 404, 409, 501)) return undefined;
    throw error;
  }
}
