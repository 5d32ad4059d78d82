import { connect, type NetConnectOpts } from "node:net";
import { addAbortSignal, type Duplex } from "node:stream";
import { connectTls } from "./connect-tls.ts";
import type { Address } from "./endpoint.ts";
import { SshConnection } from "./ssh-connection.ts";
import { unreachable } from "./unreachable.ts";

export interface DialOptions {
  /**
   * Called with received bytes. Their memory is reused after the call returns.
   * @returns false to pause until `resume()`.
   */
  readonly onData?: (chunk: Buffer) => boolean;
  /** Aborts the connection at any time. */
  readonly signal?: AbortSignal | undefined;
}

export type Dial = (address: Address, options?: DialOptions) => Promise<Duplex>;

/** Connect timeout in milliseconds. */
const CONNECT_TIMEOUT_MS = 8_000;

/** Idle time before TCP keepalive probes, in milliseconds. */
const KEEP_ALIVE = 30_000;

const READ_SIZE = 128 * 1024;

/**
 * Connects to an engine over any transport. `end()` sends EOF and keeps the incoming
 * direction open; an incoming EOF does not close the outgoing direction.
 * @throws OneoffError with the reason if the connection fails. Later failures are 'error' events.
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
    CONNECT_TIMEOUT_MS,
  );
  socket.once(tls ? "secureConnect" : "connect", () => stands.resolve(socket));
  socket.on("error", (error) => {
    stands.reject(unreachable(address, error));
    // TLS emits an error and then an end; the first event determines the result.
    socket.destroy(error);
  });
  return stands.promise.finally(() => clearTimeout(timer));
};
