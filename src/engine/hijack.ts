import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { reach, unreachableEngine } from "../errors/connection.ts";
import { badAnswer, upgradeLost } from "../errors/engine.ts";
import type { ByteSource, Reader } from "../streams/pump.ts";
import { ChunkedBody } from "./chunked.ts";
import { authorityOf, placeOf } from "./endpoint/endpoint.ts";
import { unreachable } from "./endpoint/unreachable.ts";
import { messageOf, refused } from "./refusal.ts";
import { type Head, parseHead, STATUS_LINE } from "./response-head.ts";
import { type EngineRequest, pathAt, type Transport } from "./transport.ts";

/** A hijacked connection: raw bytes in both directions instead of HTTP. */
export interface Hijacked extends ByteSource, Disposable {
  /** The outgoing direction: the command's stdin. `end()` sends EOF. */
  readonly socket: Duplex;
  /** Returns bytes that arrived with the head to the socket, for a reader of the socket itself. */
  release(): void;
  /** Whether the incoming direction has ended. */
  readonly isEnded: boolean;
}

/** In bytes. */
const MAX_HEAD = 64 * 1024;
const MAX_ERROR_BODY = 64 * 1024;

const END_OF_HEAD = "\r\n\r\n";

/**
 * Attaches over a separate plain socket instead of the transport: it reads into one reused buffer,
 * and keeps the engine's message for any status but 101.
 * Nothing but the request may be written before the 101 is read: the engine drops earlier bytes.
 */
export async function hijack(transport: Transport, { body, ...target }: HijackRequest): Promise<Hijacked> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const type = text && "Content-Type: application/json\r\n";
  const headers = `Connection: Upgrade\r\nUpgrade: tcp\r\n${type}Content-Length: ${Buffer.byteLength(text)}`;
  return (await openExchange(transport, { ...target, method: "POST", headers, text, status: 101 })).connection;
}

type HijackRequest = Pick<EngineRequest, "path" | "query" | "body">;

export type Target = Pick<EngineRequest, "path" | "query" | "signal">;

/**
 * Sends one request over a separate connection.
 * @param request `status` is the expected status; the caller then owns the connection after the head.
 */
export async function openExchange(
  transport: Transport,
  request: Target & {
    readonly method: string;
    readonly headers: string;
    readonly text?: string;
    readonly status: number;
  },
): Promise<{ connection: Hijacked; head: Head }> {
  const asked = transport.version;
  const { endpoint } = transport;
  const headerLines = Object.entries(transport.settings.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const connection = await open(transport, request.signal);
  connection.socket.write(
    `${request.method} ${pathAt(endpoint, asked, request)} HTTP/1.1\r\nHost: ${authorityOf(endpoint)}\r\n${headerLines.join("")}${request.headers}\r\n\r\n${request.text ?? ""}`,
  );
  try {
    const head = await connection.head;
    // A hijacked connection need not have a Server header.
    if (head.headers.has("server")) transport.recognize(head.headers.get("server"));
    transport.clock.note(head.headers.get("date"));
    if (head.status === request.status) return { connection, head };
    if (!(head.status >= 100 && head.status <= 599)) {
      throw badAnswer(request, `expected a status of 100 to 599, found ${head.status}`);
    }
    if (head.status < 400) throw upgradeLost(placeOf(endpoint), head.status);
    const body = await bodyOf(connection, head, transport.timeoutsMs.errorBody);
    if (!transport.renegotiate(head.status, asked, head.headers.get("api-version"))) {
      throw refused(head.status, messageOf(body), request);
    }
  } catch (error) {
    connection[Symbol.dispose]();
    throw error;
  }
  connection[Symbol.dispose]();
  return openExchange(transport, request);
}

/** Errors of attach are text without a length, up to the end of the connection; other errors have a length. */
async function bodyOf(connection: Hijacked, { headers }: Head, timeoutMs: number): Promise<string> {
  const chunked = headers.get("transfer-encoding") === "chunked";
  const length = Number(headers.get("content-length") ?? Number.POSITIVE_INFINITY);
  const whole = Promise.withResolvers<void>();
  const chunks: Buffer[] = [];
  let received = 0;
  const take = (chunk: Buffer) => {
    // Its memory is reused for the next read.
    chunks.push(Buffer.from(chunk));
    received += chunk.length;
    return true;
  };
  const chunkedBody = chunked ? new ChunkedBody(take) : undefined;
  const ended = connection.read((bytes) => {
    try {
      if (chunkedBody) chunkedBody.push(bytes);
      else take(bytes);
    } catch {
      // The received part of the message is reported.
      whole.resolve();
    }
    if (received >= Math.min(length, MAX_ERROR_BODY) || chunkedBody?.ended) whole.resolve();
    return received < MAX_ERROR_BODY;
  });
  if (length === 0) whole.resolve();
  // The received part of the message is reported.
  await Promise.race([whole.promise, ended, pause(timeoutMs, undefined, { ref: false })]);
  return Buffer.concat(chunks).subarray(0, MAX_ERROR_BODY).toString();
}

async function open(
  { endpoint, connect }: Transport,
  signal: AbortSignal | undefined,
): Promise<Hijacked & { readonly head: Promise<Head> }> {
  const head = Promise.withResolvers<Head>();
  const ended = Promise.withResolvers<void>();
  // Readers receive the error of a lost connection; without a reader it is ignored.
  for (const { promise } of [head, ended]) (promise as Promise<unknown>).catch(() => {});
  let early = Buffer.alloc(0);
  let length = 0;
  let reader: Reader | undefined;
  let isEnded = false;

  const onData: Reader = (chunk) => {
    if (reader) return reader(chunk);
    // A head may arrive byte by byte, so it is collected in one buffer without copies for each read.
    const before = length;
    if (length + chunk.length > early.length) {
      early = Buffer.concat([early.subarray(0, length)], Math.max(2 * early.length, length + chunk.length));
    }
    length += chunk.copy(early, length);
    const end = early.subarray(0, length).indexOf(END_OF_HEAD, Math.max(before - END_OF_HEAD.length, 0));
    if (end < 0 && length <= MAX_HEAD) return true;
    const text = early.toString("latin1", 0, end < 0 ? length : end);
    early = early.subarray(end < 0 ? length : end + END_OF_HEAD.length, length);
    if (end >= 0 && STATUS_LINE.test(text)) head.resolve(parseHead(text));
    else head.reject(unreachableEngine(placeOf(endpoint), reach.noHttp(text.split(/[\r\n]/)[0] ?? ""), undefined));
    return false;
  };

  const socket = await connect(endpoint, { onData, signal });
  socket.once("end", () => {
    isEnded = true;
    head.reject(unreachable(endpoint, new Error("it closed the connection without an answer")));
    ended.resolve();
  });
  socket.once("error", (error: NodeJS.ErrnoException) => {
    isEnded = true;
    const broken = unreachable(endpoint, error);
    head.reject(broken);
    // The kernel resets the connection if a container exits with unread stdin: that is an end, not an error.
    if (error.code === "ECONNRESET" || error.code === "EPIPE") ended.resolve();
    else ended.reject(broken);
  });
  socket.once("close", () => {
    head.reject(unreachable(endpoint, new Error("it closed the connection without an answer")));
    ended.resolve();
  });

  return {
    head: head.promise,
    socket,
    get isEnded() {
      return isEnded;
    },
    read(next) {
      reader = next;
      // Bytes received with the head belong to the stream.
      const more = early.length === 0 || next(early);
      if (more) socket.resume();
      return ended.promise;
    },
    release() {
      if (early.length > 0) socket.unshift(early);
    },
    resume: () => socket.resume(),
    [Symbol.dispose]: () => socket.destroy(),
  };
}
