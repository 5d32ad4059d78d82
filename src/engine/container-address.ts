import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { Client } from "undici";
import type { Endpoint } from "./endpoint/endpoint.ts";
import type { Endpoint as NetworkEndpoint } from "./types.ts";

/**
 * Whether a container's address reaches the container from this machine, i.e. this machine is the gateway of
 * its network. For an engine in a virtual machine or on another host, the address may belong to another machine.
 */
export function isOnThisMachine(engine: Endpoint, { Gateway, IPAddress }: NetworkEndpoint): boolean {
  if (!("socketPath" in engine) || !Gateway || !IPAddress) return false;
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === Gateway));
}

/** The status of an answer and the beginning of its body. */
export interface WebAnswer {
  readonly status: number;
  readonly body: string;
}

/** Maximum body, so that an endless page does not exhaust the memory. */
const MAX_BODY_BYTES = 64 * 1024;

/** @param origin `http://172.17.0.2:5000`. Certificates are not verified: they are for a name, not an address. */
export async function httpProbe(
  origin: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<WebAnswer> {
  const client = new Client(origin, { connect: { rejectUnauthorized: false } });
  try {
    const { statusCode, body } = await client.request({ method: "GET", path, headers, signal });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MAX_BODY_BYTES) break;
    }
    return { status: statusCode, body: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString() };
  } finally {
    await client.destroy();
  }
}

/** @throws NodeJS.ErrnoException if nothing listens. */
export async function tcpProbe(host: string, port: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect({ host, port, signal }).once("connect", resolve).once("error", reject);
  try {
    await promise;
  } finally {
    socket.destroy();
  }
}
