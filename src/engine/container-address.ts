import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { Pool } from "undici";
import type { Endpoint } from "./endpoint/endpoint.ts";
import type { Endpoint as NetworkEndpoint } from "./types.ts";

/**
 * Whether a container's address means that container here too, and not somebody else's: our machine is the gateway of
 * its network. It is not where the engine is in a virtual machine, or far away: there the same addresses may be used.
 */
export function isOnOurMachine(engine: Endpoint, { Gateway, IPAddress }: NetworkEndpoint): boolean {
  if (!("socketPath" in engine) || !Gateway || !IPAddress) return false;
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === Gateway));
}

/** An answer's status, and the beginning of its body. */
export interface WebAnswer {
  readonly status: number;
  readonly body: string;
}

/** How much of a body is read: a page that never ends must not fill our memory. */
const MAX_BODY_BYTES = 64 * 1024;

/** @param origin `http://172.17.0.2:5000`. Of https no certificate is asked: it is for a name, and this is an address. */
export async function askAddress(
  origin: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<WebAnswer> {
  const pool = new Pool(origin, { connect: { rejectUnauthorized: false } });
  try {
    const { statusCode, body } = await pool.request({ method: "GET", path, headers, signal });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MAX_BODY_BYTES) break;
    }
    return { status: statusCode, body: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString() };
  } finally {
    await pool.destroy();
  }
}

/** @throws NodeJS.ErrnoException where nothing listens. */
export async function knock(host: string, port: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port, signal }).once("connect", resolve).once("error", reject);
  try {
    await promise;
  } finally {
    socket.destroy();
  }
}
