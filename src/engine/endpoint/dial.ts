import { connect, type NetConnectOpts } from "node:net";
import { addAbortSignal, type Duplex } from "node:stream";
import { connectTls } from "./connect-tls.ts";
import type { Address } from "./endpoint.ts";
import { SshConnection } from "./ssh-connection.ts";
import { unreachable } from "./unreachable.ts";

export interface DialOptions {
  /**
   * Takes what comes, in memory that is used again for what comes next; it is its reader's only until the call returns.
   * @returns whether to go on; if not, reading begins again with `resume()`.
   */
  readonly onData?: (chunk: Buffer) => boolean;
  /** Breaks the connection off, also later. */
  readonly signal?: AbortSignal | undefined;
}

export type Dial = (address: Address, options?: DialOptions) => Promise<Duplex>;

/** How long an engine may take until the connection stands, in milliseconds. */
const PATIENCE = 8_000;

/** Of a connection that says nothing until it is looked whether the other side is still there, in milliseconds. */
const KEEP_ALIVE = 30_000;

const READ_SIZE = 128 * 1024;

/**
 * Connects to an engine, whatever the way. Closing our half, by `end()`, is an end-of-file to the other side and leaves
 * the way back open; their end does not close our half.
 * @throws OneoffError that says why there is no connection. Once it stands it fails by an 'error' event.
 */
export const dial: Dial = async (address, options = {}) => {
  const { onData, signal } = options;
  if ("sshHost" in address) {
    const connection = new SshConnection(address);
    if (signal) addAbortSignal(signal, connection);
    if (onData) {
      connection.on("data", (chunk: Buffer) => {
        if (!onData(chunk)) connection.pause();
      });
    }
    return connection;
  }
  const how = {
    ...("socketPath" in address
      ? { path: address.socketPath }
      : { host: address.host, port: address.port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE }),
    allowHalfOpen: true,
    ...(onData && {
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_SIZE),
        callback: (length: number, { buffer, byteOffset }: Uint8Array) =>
          onData(Buffer.from(buffer, byteOffset, length)),
      },
    }),
  } as NetConnectOpts;
  const tls = "tls" in address ? address.tls : undefined;
  const socket = tls ? connectTls(tls, how) : connect(how);
  if (signal) addAbortSignal(signal, socket);
  const stands = Promise.withResolvers<Duplex>();
  const timer = setTimeout(
    () => socket.destroy(Object.assign(new Error("no answer"), { code: "ETIMEDOUT" })),
    PATIENCE,
  );
  socket.once(tls ? "secureConnect" : "connect", () => stands.resolve(socket));
  socket.on("error", (error) => {
    stands.reject(unreachable(address, error));
    // Of TLS, an error is followed by an end; what comes first is what counts.
    socket.destroy(error);
  });
  return stands.promise.finally(() => clearTimeout(timer));
};
