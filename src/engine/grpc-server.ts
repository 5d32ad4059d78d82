import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { Duplex } from "node:stream";
import type { Hijacked } from "./hijack.ts";

/** A call of the client. */
export interface GrpcCall {
  /** Metadata by names in lower case. */
  metadata(name: string): string | undefined;
  /** The messages that arrive. */
  readonly messages: AsyncIterable<Buffer>;
  /** Sends a message; resolves when more may be sent. */
  send(message: Buffer): Promise<void>;
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
  const session = performServerHandshake(duplexOf(connection));
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
  const send = (message: Buffer) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    stream.write(framed(message), (error) => (error ? reject(error) : resolve()));
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

const PREFIX_LENGTH = 5;

/** Frames a message with a compression byte (0: none) and its length. */
function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX_LENGTH);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
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

function duplexOf(connection: Hijacked): Duplex {
  const duplex = new Duplex({
    read: () => connection.resume(),
    write: (chunk, _encoding, done) => void connection.socket.write(chunk, done),
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
