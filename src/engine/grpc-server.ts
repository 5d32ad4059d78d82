import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { Socket } from "node:net";
import { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { Hijacked } from "./hijack.ts";

/** A call of the client. */
export interface GrpcCall {
  /** Metadata by names in lower case. */
  metadata(name: string): string | undefined;
  /** The messages that arrive. */
  readonly messages: AsyncIterable<Buffer>;
  /** Sends framed messages; resolves when their memory may be reused. */
  send(messages: Buffer): Promise<void>;
}

/** By the path of the method: `/package.Service/Method`. */
export type GrpcMethods = Readonly<Record<string, (call: GrpcCall) => Promise<void>>>;

const OK = 0;
const UNKNOWN = 2;
const UNIMPLEMENTED = 12;

/** Serves gRPC over a hijacked connection. @returns a function that ends it. */
export function serveGrpc(connection: Hijacked, methods: GrpcMethods): Disposable {
  // A start-up snapshot cannot hold node:http2.
  const { performServerHandshake } = process.getBuiltinModule("node:http2") as typeof import("node:http2") & {
    performServerHandshake(socket: Duplex): ServerHttp2Session;
  };
  const session = performServerHandshake(streamOf(connection));
  // The engine reports a lost session as a failure of the build.
  session.on("error", () => {});
  session.on("stream", (stream, headers) => {
    const path = String(headers[":path"]);
    const method = Object.hasOwn(methods, path) ? methods[path] : undefined;
    void answer(stream, method, (name) => headers[name]?.toString());
  });
  return {
    [Symbol.dispose]() {
      session.destroy();
      connection[Symbol.dispose]();
    },
  };
}

async function answer(
  stream: ServerHttp2Stream,
  method: GrpcMethods[string] | undefined,
  metadata: GrpcCall["metadata"],
): Promise<void> {
  let status = method ? OK : UNIMPLEMENTED;
  stream.on("error", () => {});
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": String(status) }));
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  const send = (messages: Buffer) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stream.write(messages, (error) => (error ? reject(error) : resolve()));
    return promise;
  };
  try {
    await method?.({ metadata, messages: messagesOf(stream), send });
  } catch {
    // The method stores the error.
    status = UNKNOWN;
  }
  if (!stream.destroyed) stream.end();
}

/** The length of what is before a message: a compression byte (0: none) and the length of the message. */
export const PREFIX_LENGTH = 5;

/** Begins a message at a place of a block. @returns its memory. */
export function messageIn(block: Buffer, at: number, length: number): Buffer {
  block[at] = 0;
  block.writeUInt32BE(length, at + 1);
  return block.subarray(at + PREFIX_LENGTH, at + PREFIX_LENGTH + length);
}

export function framed(message: Buffer): Buffer {
  const block = Buffer.alloc(PREFIX_LENGTH + message.length);
  message.copy(messageIn(block, 0, message.length));
  return block;
}

async function* messagesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= PREFIX_LENGTH && rest.length >= PREFIX_LENGTH + rest.readUInt32BE(1)) {
      const end = PREFIX_LENGTH + rest.readUInt32BE(1);
      yield rest.subarray(PREFIX_LENGTH, end);
      rest = rest.subarray(end);
    }
  }
}

/** HTTP/2 reads and writes a plain socket without JavaScript, which would copy each frame. */
function streamOf(connection: Hijacked): Duplex {
  const { socket } = connection;
  if (!(socket instanceof Socket) || socket instanceof TLSSocket) return duplexOf(connection);
  connection.release();
  // HTTP/2 takes the released bytes in the next tick; a socket that flows before then would drop them.
  setImmediate(() => socket.resume());
  return socket;
}

function duplexOf(connection: Hijacked): Duplex {
  const duplex = new Duplex({
    read: () => connection.resume(),
    write: (chunk, _encoding, done) => void connection.socket.write(chunk, done),
    writev(chunks, done) {
      const { socket } = connection;
      socket.cork();
      chunks.forEach(({ chunk }, index) => void socket.write(chunk, index === chunks.length - 1 ? done : undefined));
      socket.uncork();
    },
    final: (done) => void connection.socket.end(done),
  });
  connection
    // The memory of a chunk is reused for the next one.
    .read((chunk) => duplex.push(Buffer.from(chunk)))
    .then(
      () => duplex.push(null),
      (error) => duplex.destroy(error),
    );
  return duplex;
}
