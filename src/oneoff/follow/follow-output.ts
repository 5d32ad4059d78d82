import { setTimeout as pause } from "node:timers/promises";
import { attachContainer, inspectContainer } from "../../engine/containers.ts";
import { unreachable } from "../../engine/endpoint/unreachable.ts";
import type { Hijacked } from "../../engine/hijack.ts";
import type { Transport } from "../../engine/transport.ts";
import { isConnectionLoss, isRefusal } from "../../errors/engine.ts";
import type { Channel } from "../../streams/frames.ts";
import { type LogEntry, utcOf } from "../../streams/log-entries.ts";
import { retryUntilReconnected } from "../session/reconnect.ts";
import type { FollowContext, Followed, OutputPiece } from "./followed.ts";
import { CHANNELS, FollowedLog, unlessRefused } from "./followed-log.ts";
import { findJoints } from "./joints.ts";
import { LiveStream, type Piece } from "./live-stream.ts";
import { lastEntry } from "./log-tail.ts";

/** How long log and live stream must not grow to be settled, in milliseconds. */
const SETTLE_MS = 30;

/** How often the joint of log and live stream is looked for at most. */
const MAX_LOOKS = 50;

/**
 * The output of a running container, each byte once: what is old from the log, what is new from the live stream. The engines'
 * own log followers lose or repeat lines when a log rotates.
 */
export class OutputFollower implements Disposable {
  readonly #engine: Transport;
  readonly #followed: Followed;
  readonly #abort = new AbortController();
  readonly #log: FollowedLog;
  #connection: Hijacked;
  #live: LiveStream;
  #take: (piece: OutputPiece) => boolean = () => true;
  #room = Promise.withResolvers<void>();

  private constructor(
    { engine, report }: FollowContext,
    followed: Followed,
    anchor: LogEntry | undefined,
    connection: Hijacked,
  ) {
    this.#engine = engine;
    this.#followed = followed;
    this.#log = new FollowedLog({ ...followed, engine }, anchor, {
      signal: this.#abort.signal,
      pass: (entry, bytes) => this.#pass({ channel: entry.channel, bytes, time: utcOf(entry) }),
      onFull: (since) => report({ type: "log-full", name: followed.name, since }),
      onLoss: (first) => report({ type: "output-lost", name: followed.name, until: utcOf(first) }),
    });
    this.#connection = connection;
    this.#live = this.#listen();
  }

  /** Attaches, so that from here on nothing can be missed. */
  static async open(context: FollowContext, followed: Followed): Promise<OutputFollower> {
    const { engine } = context;
    const anchor = await unlessRefused(lastEntry({ ...followed, engine }));
    return new OutputFollower(context, followed, anchor, await attachContainer(engine, followed.id, followed));
  }

  /** What is written to it reaches the container's stdin. */
  get connection(): Hijacked {
    return this.#connection;
  }

  /** @returns when the container has exited and all of its output has been taken. @param take false for "enough for now". */
  async read(take: (piece: OutputPiece) => boolean): Promise<void> {
    this.#take = take;
    this.#hangUpAfterExit();
    await this.#log.passHistory(this.#followed.range, this.#followed.logConfig);
    for (;;) {
      await this.#join();
      const needsJoint = await this.#live.pass(
        (piece) => this.#passLive(piece),
        (channel) => this.#log.positions[channel].isJoined,
      );
      if (this.#abort.signal.aborted) return;
      if (needsJoint) continue;
      await this.#live.ended.catch((error: unknown) => {
        if (!isConnectionLoss(error)) throw error;
      });
      if (await this.#isOver()) break;
      await this.#reconnect();
    }
    await this.#log.passEnd();
  }

  resume(): void {
    this.#room.resolve();
    this.#live.resume();
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
    this.#room.resolve();
    this.#connection[Symbol.dispose]();
  }

  #listen(): LiveStream {
    return new LiveStream(this.#connection, this.#followed.tty ? "raw" : "multiplexed");
  }

  /** An engine that is attached to a container which exits at that moment may never end the stream. */
  #hangUpAfterExit(): void {
    const hangUp = () => {
      if (this.#live.received === 0) this.#connection[Symbol.dispose]();
    };
    const exited = this.#followed.exit.catch(() => {});
    exited.then(() => pause(this.#engine.timeoutsMs.followedExit, undefined, { ref: false }).then(hangUp));
  }

  async #join(): Promise<void> {
    const { tty } = this.#followed;
    let before = -1;
    for (let looks = 1; !this.#abort.signal.aborted; looks += 1) {
      const { received, isFull } = this.#live;
      const held = { stdout: this.#live.held("stdout"), stderr: this.#live.held("stderr") };
      await pause(SETTLE_MS);
      const entries = await this.#log.read();
      const { positions } = this.#log;
      if (!entries) return void CHANNELS.map((channel) => positions[channel].join(0));
      if (this.#live.isEnded) return this.#leaveToLog();
      const isLiveStill = received === this.#live.received;
      const isStill = isLiveStill && before === entries.length;
      before = entries.length;
      const isLast = looks >= MAX_LOOKS;
      const joints = findJoints(positions, entries, held, {
        // A full live stream ends before the log does, and neither grows any more.
        isSettled: (isStill || isLast) && !isFull,
        isLiveStill: isLiveStill && !isFull,
        isLate: isLast || (isStill && isFull),
        isUrgent: tty,
      });
      if (!joints) continue;
      await this.#log.passEntries(entries, joints);
      this.#begin(joints, (channel) => tty || held[channel].length > 0);
      return;
    }
  }

  /** The log has all that a stream brought which ended before it was joined, and what it lacks if it was cut. */
  #leaveToLog(): void {
    for (const channel of CHANNELS) {
      if (!this.#log.positions[channel].isJoined) this.#live.drop(channel, Number.POSITIVE_INFINITY);
    }
  }

  /** @param isKnown whether the joint of a channel is final: what has brought nothing yet may begin with the end of a line. */
  #begin(joints: Readonly<Record<Channel, number>>, isKnown: (channel: Channel) => boolean): void {
    for (const channel of CHANNELS) {
      const position = this.#log.positions[channel];
      if (position.isJoined) continue;
      if (isKnown(channel)) this.#live.drop(channel, position.join(joints[channel]));
      else position.end = joints[channel];
    }
  }

  async #pass(piece: OutputPiece): Promise<void> {
    this.#room = Promise.withResolvers();
    if (!this.#take(piece)) await this.#room.promise;
  }

  #passLive(piece: Piece): boolean {
    const position = this.#log.positions[piece.channel];
    position.end += piece.bytes.length;
    position.pass(piece.bytes);
    return this.#take(piece);
  }

  /** The end of the stream is either the end of the container or that of the connection. */
  async #isOver(): Promise<boolean> {
    const { exit, id } = this.#followed;
    const exited = exit.then(
      () => true,
      () => true,
    );
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
    const { id, stdin } = this.#followed;
    // What was typed meanwhile is lost.
    if (stdin) throw unreachable(this.#engine.endpoint, new Error("the engine has closed the connection"));
    this.#connection[Symbol.dispose]();
    this.#connection = await retryUntilReconnected(this.#engine, () =>
      attachContainer(this.#engine, id, this.#followed),
    );
    this.#live = this.#listen();
    for (const channel of CHANNELS) this.#log.positions[channel].reopen();
  }
}
