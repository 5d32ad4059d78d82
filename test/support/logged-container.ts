import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { toLogTime } from "../../src/oneoff/logs/output-lines.ts";
import type { FakeEngine } from "./fake-engine.ts";
import { frame } from "./frame.ts";

const PART = 16 * 1024;

interface Stored {
  readonly stamp: string;
  readonly type: 1 | 2;
  readonly bytes: Buffer;
}

/**
 * A running container of a fake engine, with a log and a live stream. Like Docker, it stores a line when the line ends, and
 * a long line in parts.
 */
export class LoggedContainer {
  readonly #engine: FakeEngine;
  readonly #tty: boolean;
  readonly #second: string;
  #stored: Stored[] = [];
  readonly #unfinished = { 1: Buffer.alloc(0), 2: Buffer.alloc(0) };
  readonly #sockets = new Set<Socket>();
  #moments = 0;
  /** Called before a request for the log is answered. */
  onRead = () => {};
  /** Called when a client has attached. */
  onAttach = () => {};
  /** The bytes that its stdin received. */
  typed = "";
  #isOver = false;
  #isRemoved = false;
  /** How many of the latest messages the log does not show yet. */
  lag = 0;

  /** @param second of all timestamps; each message is a nanosecond later. */
  constructor(engine: FakeEngine, { tty = false, second = "2026-11-29T01:24:38" } = {}) {
    this.#engine = engine;
    this.#tty = tty;
    this.#second = second;
  }

  /** Answers requests until the test ends. */
  serve(): this {
    void this.#serveLogs();
    void this.#serveAttach();
    return this;
  }

  write(type: 1 | 2, text: string | Buffer): void {
    const bytes = Buffer.from(text as string);
    for (const socket of this.#sockets) socket.write(this.#tty ? bytes : frame(type, bytes));
    const stamp = this.#stamp();
    let rest = Buffer.concat([this.#unfinished[type], bytes]);
    for (;;) {
      const end = rest.indexOf(10) + 1;
      const length = end > 0 ? Math.min(end, PART) : rest.length >= PART ? PART : 0;
      if (length === 0) break;
      this.#stored.push({ stamp, type, bytes: rest.subarray(0, length) });
      rest = rest.subarray(length);
    }
    this.#unfinished[type] = rest;
  }

  /** Ends the live streams and stores unfinished lines. */
  end(): void {
    for (const type of [1, 2] as const) {
      if (this.#unfinished[type].length > 0) {
        this.#stored.push({ stamp: this.#stamp(), type, bytes: this.#unfinished[type] });
      }
    }
    this.#isOver = true;
    for (const socket of this.#sockets) socket.end();
  }

  /** The number of attached clients. */
  get listeners(): number {
    return this.#sockets.size;
  }

  /** Resolves when the next client has attached. */
  attached(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.onAttach = resolve;
    return promise;
  }

  /** Drops the oldest messages of the log. */
  rotate(count: number): void {
    this.#stored = this.#stored.slice(count);
  }

  /** Later requests for the log are refused. */
  remove(): void {
    this.#isRemoved = true;
  }

  /** Cuts the live streams, as a proxy does. */
  cut(): void {
    for (const socket of this.#sockets) socket.end();
    this.#sockets.clear();
  }

  #stamp(): string {
    this.#moments += 1;
    return `${this.#second}.${String(this.#moments).padStart(9, "0")}Z`;
  }

  async #serveLogs(): Promise<void> {
    for (;;) {
      const request = await this.#engine.whenever("GET /containers/c/logs");
      if (this.#isRemoved) {
        request.reply(404, { message: "No such container" });
        continue;
      }
      this.onRead();
      const { tail, since = "" } = request.query;
      const stored = this.#stored
        .slice(0, this.#stored.length - this.lag)
        .filter(({ stamp }) => toLogTime(stamp) >= since);
      const entries = tail === undefined ? stored : stored.slice(Math.max(stored.length - Number(tail), 0));
      const messages = entries.map(({ stamp, type, bytes }) => {
        const message = Buffer.concat([Buffer.from(`${stamp} `), bytes]);
        return this.#tty ? message : frame(type, message);
      });
      request.acknowledge().end(Buffer.concat(messages));
    }
  }

  async #serveAttach(): Promise<void> {
    for (;;) {
      const request = await this.#engine.whenever("POST /containers/c/attach");
      const socket = request.upgrade();
      socket.on("data", (bytes: Buffer) => {
        this.typed += bytes.toString();
      });
      this.#sockets.add(socket);
      for (const event of ["end", "close"]) socket.once(event, () => this.#sockets.delete(socket));
      if (this.#isOver) socket.end();
      this.onAttach();
    }
  }
}
