import type { Socket } from "node:net";
import { type Dispatcher, Pool } from "undici";
import type { Dial } from "./endpoint/dial.ts";
import { authorityOf, type Endpoint } from "./endpoint/endpoint.ts";

/** The pooled connections to an engine. */
export interface Pools {
  for(request: { readonly method: string; readonly path: string }): Dispatcher;
  destroy(): Promise<void>;
}

/** Idle timeout of expensive connections in milliseconds. */
const KEPT = 600_000;

/**
 * If a connection is expensive (ssh), requests with an immediate answer share a single connection one after
 * another. Otherwise the number is unlimited, so that a waiting request never blocks the request it waits for.
 */
export function openPools(endpoint: Endpoint, connect: Dial): Pools {
  const isDear = "sshHost" in endpoint;
  const open = (connections: number | null) =>
    new Pool(`http://${authorityOf(endpoint)}`, {
      connections,
      connect: (_options, opened) => {
        connect(endpoint).then(
          (socket) => opened(null, socket as Socket),
          (error: Error) => opened(error, null),
        );
      },
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(isDear && { keepAliveTimeout: KEPT }),
    });
  const many = open(null);
  const single = isDear ? open(1) : many;
  return {
    for: (request) => (isBrief(request) ? single : many),
    destroy: async () => void (await Promise.all([many.destroy(), single.destroy()])),
  };
}

const isBrief = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === "GET" || method === "HEAD"
    ? !/^\/events$|\/stats$/.test(path)
    : /^\/containers\/(create|[^/]+\/start)$/.test(path);
