import { setTimeout as pause } from "node:timers/promises";
import { attachContainer, inspectContainer } from "../../engine/containers.ts";
import { unreachable } from "../../engine/endpoint/unreachable.ts";
import type { Hijacked } from "../../engine/hijack.ts";
import type { Transport } from "../../engine/transport.ts";
import { isConnectionLoss, isRefusal } from "../../errors/engine.ts";
import type { Channel } from "../../streams/frames.ts";
import { type LogEntry, utcOf } from "../../streams/log-entries.ts";
import { retryUntilReconnected } from "../session/reconnect.ts";
import type { FollowerContext, FollowTarget, OutputChunk } from "./follow-target.ts";
import { CHANNELS, FollowedLog, unlessRefused } from "./followed-log.ts";
import { type Chunk, LiveStream } from "./live-stream.ts";
import { readLastEntry } from "./log-tail.ts";
import { ReadPause } from "./read-pause.ts";

const SETTLE_MS = 30;
const MAX_JOIN_ATTEMPTS = 50;

/**
 * Follows the output of a running container, each byte once: old output from the log, new output from the live stream. The
 * engines' own followers lose or repeat lines when a log rotates.
 */
export class OutputFollower implements Disposable {
  readonly #engine: Transport;
  readonly #target: FollowTarget;
  readonly #abort = new AbortController();
  readonly #log: FollowedLog;
  #connection: Hijacked;
  #live: LiveStream;
  #take: (chunk: OutputChunk) => boolean = () => true;
  readonly #pause: ReadPause;
  /** Output that is read from the log instead, unless the container is removed before. */
  #unjoined: Chunk[] = [];

  private constructor(
    { engine, report }: FollowerContext,
    target: FollowTarget,
    anchor: LogEntry | undefined,
    connection: Hijacked,
  ) {
    this.#engine = engine;
    this.#target = target;
    this.#log = new FollowedLog({ ...target, engine }, anchor, {
      signal: this.#abort.signal,
      pass: (entry, bytes) => this.#pass({ channel: entry.channel, bytes, time: utcOf(entry) }),
      onFull: (since) => report({ type: "log-full", name: target.name, since }),
      onLoss: (first) => report({ type: "output-lost", name: target.name, until: utcOf(first) }),
    });
    this.#connection = connection;
    this.#live = this.#listen();
    this.#pause = new ReadPause(target.maxPauseMs, () => this.#connection[Symbol.dispose]());
  }

  /** Attaches first, so that no output is missed. */
  static async open(context: FollowerContext, target: FollowTarget): Promise<OutputFollower> {
    const { engine } = context;
    const retry = <T>(request: () => Promise<T>) => retryUntilReconnected(engine, request);
    const anchor = await unlessRefused(retry(() => readLastEntry({ ...target, engine })));
    return new OutputFollower(context, target, anchor, await retry(() => attachContainer(engine, target.id, target)));
  }

  /** Writes to it reach the container's stdin. */
  get connection(): Hijacked {
    return this.#connection;
  }

  /**
   * Resolves when the container has exited and all output is read.
   * @param take returns false to pause until `resume`. @returns the last message of the log; undefined if it is unknown.
   */
  async read(take: (chunk: OutputChunk) => boolean): Promise<LogEntry | undefined> {
    this.#take = take;
    this.#hangUpAfterExit();
    await this.#log.passHistory(this.#target.range, this.#target.logConfig);
    for (;;) {
      await this.#join();
      this.#target.onJoined?.();
      const needsJoin = await this.#live.pass(
        (chunk) => this.#passLive(chunk),
        (channel) => this.#log.positions[channel].isJoined,
      );
      if (this.#abort.signal.aborted) return undefined;
      if (needsJoin) continue;
      await this.#pause.ended;
      await this.#live.ended.catch((error: unknown) => {
        if (!isConnectionLoss(error)) throw error;
      });
      if (await this.#isOver()) break;
      await this.#reconnect();
    }
    const last = await this.#log.passEnd();
    if (!last) for (const chunk of this.#unjoined) this.#take(chunk);
    return last?.at(-1);
  }

  resume(): void {
    this.#pause.end();
    this.#live.resume();
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
    this.#pause.end();
    this.#connection[Symbol.dispose]();
  }

  #listen(): LiveStream {
    return new LiveStream(this.#connection, this.#target.tty ? "raw" : "multiplexed");
  }

  /** An engine that attaches to a container just as it exits may never close the stream. */
  #hangUpAfterExit(): void {
    const hangUp = () => {
      if (this.#live.received === 0) this.#connection[Symbol.dispose]();
    };
    const exited = this.#target.exit.catch(() => {});
    exited.then(() => pause(this.#engine.timeoutsMs.followedExit, undefined, { ref: false }).then(hangUp));
  }

  async #join(): Promise<void> {
    let previousLength = -1;
    for (let attempt = 1; !this.#abort.signal.aborted; attempt += 1) {
      const { received, isFull } = this.#live;
      const held = { stdout: this.#live.held("stdout"), stderr: this.#live.held("stderr") };
      await pause(SETTLE_MS);
      const entries = await this.#log.read();
      const { positions } = this.#log;
      if (!entries) return void CHANNELS.map((channel) => positions[channel].join(0));
      if (this.#live.isEnded) return this.#leaveToLog();
      const isLiveStill = received === this.#live.received;
      const isStill = isLiveStill && previousLength === entries.length;
      previousLength = entries.length;
      const isLast = attempt >= MAX_JOIN_ATTEMPTS;
      const starts = this.#log.findLiveStarts(entries, held, {
        // A full live stream stops growing before the log does.
        isSettled: (isStill || isLast) && !isFull,
        isLiveStill: isLiveStill && !isFull,
        isLastAttempt: isLast || (isStill && isFull),
        allowsPartialLine: this.#target.tty,
      });
      if (!starts) continue;
      await this.#log.passEntries(entries, starts);
      this.#begin(starts, (channel) => this.#target.tty || held[channel].length > 0);
      return;
    }
  }

  /** A stream that ended before it was joined is in the log completely; a stream that was cut needs the log anyway. */
  #leaveToLog(): void {
    const channels = CHANNELS.filter((channel) => !this.#log.positions[channel].isJoined);
    this.#unjoined.push(...channels.map((channel) => this.#live.takeHeld(channel)));
  }

  /** @param isKnown whether a position is final: a channel without live output may still begin in the middle of a line. */
  #begin(starts: Readonly<Record<Channel, number>>, isKnown: (channel: Channel) => boolean): void {
    for (const channel of CHANNELS) {
      const position = this.#log.positions[channel];
      if (position.isJoined) continue;
      if (isKnown(channel)) this.#live.drop(channel, position.join(starts[channel]));
      else position.end = starts[channel];
    }
  }

  async #pass(chunk: OutputChunk): Promise<void> {
    this.#pause.offer(() => this.#take(chunk));
    await this.#pause.ended;
  }

  #passLive(chunk: Chunk): boolean {
    const position = this.#log.positions[chunk.channel];
    position.end += chunk.bytes.length;
    position.pass(chunk.bytes);
    return this.#pause.offer(() => this.#take(chunk));
  }

  /** The stream ends with the container or with the connection. */
  async #isOver(): Promise<boolean> {
    const { exit, id } = this.#target;
    const exited = exit.catch(() => {}).then(() => true);
    if (await Promise.race([exited, pause(this.#engine.timeoutsMs.followedExit, false, { ref: false })])) return true;
    try {
      const { State } = await retryUntilReconnected(this.#engine, () => inspectContainer(this.#engine, id));
      return State.Running ? false : await exited;
    } catch (error) {
      if (isRefusal(error, 404)) return await exited;
      throw error;
    }
  }

  async #reconnect(): Promise<void> {
    const { id, stdin } = this.#target;
    // Keys typed meanwhile are lost.
    if (stdin) throw unreachable(this.#engine.endpoint, new Error("it closed the connection"));
    this.#connection[Symbol.dispose]();
    this.#connection = await retryUntilReconnected(this.#engine, () => attachContainer(this.#engine, id, this.#target));
    this.#live = this.#listen();
    await retryUntilReconnected(this.#engine, () => this.#log.reopen());
    this.#unjoined = [];
  }
}
