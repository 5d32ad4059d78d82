import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";

/** A port that leads to a unix socket, both ways and each to its own end. */
export interface Relay extends AsyncDisposable {
  readonly port: number;
}

/**
 * @param options.tls speaks TLS at the port.
 * @param options.idleMs closes connections on which nothing has come or gone for so long, as proxies do.
 */
export async function relayTo(
  socketPath: string,
  {
    host = "127.0.0.1",
    tls,
    idleMs,
  }: { readonly host?: string; readonly tls?: TlsOptions; readonly idleMs?: number } = {},
): Promise<Relay> {
  const sockets = new Set<Socket>();
  const pass = (near: Socket) => {
    const far = connect({ path: socketPath, allowHalfOpen: true });
    if (idleMs !== undefined) {
      near.setTimeout(idleMs, () => {
        near.destroy();
        far.destroy();
      });
    }
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.once("error", () => to.destroy()).once("close", () => sockets.delete(from));
    }
  };
  const server = tls
    ? createTlsServer({ ...tls, allowHalfOpen: true } as TlsOptions, pass)
    : createServer({ allowHalfOpen: true }, pass);
  server.listen(0, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
