import { Buffer } from "node:buffer";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { socketOf } from "./docker-api.ts";

/** `cut` closes the connection, `reset` breaks it, `stall` sends nothing more, `garble` sends something else. */
export type Kind = "cut" | "reset" | "stall" | "garble";

/** Before the engine has seen the request; before, in and behind the head of the answer; inside its body; before its last byte. */
export const PLACES = ["request", "start", "head", "body", "middle", "end"] as const;
export type Place = (typeof PLACES)[number];

export interface Fault {
  readonly kind: Kind;
  /** The first request whose line is this, as in `requests`. */
  readonly request: string;
  readonly at: Place;
  /** Whether there is no engine any more from then on. */
  readonly forGood?: boolean;
}

export interface FaultyEngine extends AsyncDisposable {
  /** For `DOCKER_HOST`: a unix socket, or a port where the fault is a reset, which a unix socket does not know. */
  readonly host: string;
  /** All that came, as `GET /containers/ID/json`; what comes again is numbered: `… #2`. Not the pings of the watchdog. */
  readonly requests: readonly string[];
  /** Whether the fault has happened; once it has, for a `stall`. */
  readonly struck: Promise<void>;
  readonly hasStruck: boolean;
}

const REQUEST = /^(GET|HEAD|POST|PUT|DELETE) \/v[\d.]+(\/[^ ?]*)\S* HTTP\/1\.1\r\n/;
const LAST_CHUNK = "0\r\n\r\n";

/** Without what is different each time. */
const lineOf = (method = "", path = "") =>
  `${method} ${path.replace(/[0-9a-f]{12,64}/g, "ID").replace(/(run|release|predeploy|postdeploy|procfile)\.\d{4,}/g, "$1.N")}`;

/** An answer as it passes: tells how much of it is before a place. */
class Answer {
  readonly #place: Place;
  #head = "";
  /** Where the head and the body end; of the body, as far as that is known. */
  #headEnd: number | undefined;
  #end: number | undefined;
  #passed = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  /** @returns how many of these bytes may pass; undefined for all of them, and what follows. */
  limit(bytes: Buffer): number | undefined {
    const from = this.#passed;
    this.#passed += bytes.length;
    if (this.#headEnd === undefined) this.#readHead(bytes.toString("latin1"));
    if (this.#isChunked && bytes.toString("latin1").endsWith(LAST_CHUNK)) this.#end = this.#passed;
    const place = this.#where();
    return place !== undefined && place <= this.#passed ? Math.max(place - from, 0) : undefined;
  }

  get #isChunked(): boolean {
    return /transfer-encoding: chunked/i.test(this.#head);
  }

  #readHead(text: string): void {
    this.#head += text;
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return;
    this.#head = this.#head.slice(0, end);
    this.#headEnd = end + 4;
    const length = /content-length: (\d+)/i.exec(this.#head)?.[1];
    if (length !== undefined) this.#end = this.#headEnd + Number(length);
  }

  #where(): number | undefined {
    if (this.#place === "start") return 0;
    if (this.#place === "head") return 12;
    if (this.#headEnd === undefined) return undefined;
    if (this.#place === "body") return this.#headEnd;
    // Behind the length of a first chunk, or the header of a first frame.
    if (this.#place === "middle") return Math.min(this.#headEnd + 10, (this.#end ?? Number.POSITIVE_INFINITY) - 1);
    return this.#end === undefined ? undefined : this.#end - 1;
  }
}

let sockets = 0;

/** A way to an engine on which one thing goes wrong, or none. */
export async function faultyEngine(engine: string, fault?: Fault): Promise<FaultyEngine> {
  const path = `/tmp/oneoff-x-${process.pid}-${sockets++}.sock`;
  const requests: string[] = [];
  const struck = Promise.withResolvers<void>();
  let hasStruck = false;
  const open = new Set<Socket>();

  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: socketOf(engine), allowHalfOpen: true });
    let answer: Answer | undefined;
    let isBroken = false;
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("error", () => {}).once("close", () => open.delete(socket));
    }
    near.once("close", () => far.destroy());
    far.once("close", () => isBroken || near.destroySoon());

    const strike = (bytes: Buffer, rest: Buffer) => {
      isBroken = true;
      hasStruck = true;
      const kind = fault?.kind;
      const over = () => {
        if (kind === "cut") near.destroy();
        if (kind === "reset") near.resetAndDestroy();
        struck.resolve();
        if (!fault?.forGood) return;
        server.close();
        for (const socket of open) socket.destroy();
      };
      if (kind === "garble") {
        near.write(Buffer.concat([bytes, rest.map((byte) => byte ^ 0x55)]), over);
        isBroken = false;
        answer = undefined;
        return;
      }
      // The engine's side first: what it does because of that, it does.
      far.destroy();
      if (kind === "cut") near.end(bytes, over);
      else near.write(bytes, over);
    };

    near.on("data", (bytes: Buffer) => {
      if (isBroken) return;
      const [, method, target] = REQUEST.exec(bytes.toString("latin1")) ?? [];
      if (method !== undefined) {
        const line = lineOf(method, target);
        const times = requests.filter((one) => one.replace(/ #\d+$/, "") === line).length + 1;
        requests.push(times === 1 ? line : `${line} #${times}`);
        const isIt = fault !== undefined && !hasStruck && requests.at(-1) === fault.request;
        if (isIt && fault.at === "request") return strike(Buffer.alloc(0), Buffer.alloc(0));
        answer = isIt ? new Answer(fault.at) : undefined;
      }
      if (!far.write(bytes)) near.pause();
    });
    far.on("data", (bytes: Buffer) => {
      if (isBroken) return;
      const limit = answer?.limit(bytes);
      if (limit !== undefined) return strike(bytes.subarray(0, limit), bytes.subarray(limit));
      if (!near.write(bytes)) far.pause();
    });
    near.on("drain", () => far.resume()).once("end", () => far.end());
    far.on("drain", () => near.resume()).once("end", () => isBroken || near.end());
  });
  if (fault?.kind === "reset") server.listen(0, "127.0.0.1");
  else server.listen(path);
  await once(server, "listening");

  return {
    host: fault?.kind === "reset" ? `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` : `unix://${path}`,
    requests,
    struck: struck.promise,
    get hasStruck() {
      return hasStruck;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
      await rm(path, { force: true });
    },
  };
}
