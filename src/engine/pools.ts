import type { Socket } from "node:net";
import { Client, type Dispatcher } from "undici";
import type { Dial } from "./endpoint/dial.ts";
import { authorityOf, type Endpoint } from "./endpoint/endpoint.ts";

interface Target {
  readonly method: string;
  readonly path: string;
}

/** The connections to an engine. */
export interface Pools {
  /** @param target without the version in its path. */
  request(target: Target, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData>;
  /** Sends no further requests. Cheap connections are closed in the next turn of the event loop. */
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
  const clients = new Set<Client>();
  const idle: Client[] = [];
  /** Whether the engine, or a proxy before it, leaves a connection open after an answer. */
  let keepsOpen = true;
  let isDestroyed = false;
  const open = () => {
    const client: Client = new Client(`http://${authorityOf(endpoint)}`, {
      connect: (_options, opened) => {
        connect(endpoint).then(
          (socket) => {
            // The waiting request is not sent.
            if (isDestroyed) void client.destroy();
            opened(null, socket as Socket);
          },
          (error: Error) => opened(error, null),
        );
      },
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(isDear && { keepAliveTimeout: KEPT }),
    });
    clients.add(client);
    // Its requests then fail.
    if (isDestroyed) void client.destroy();
    return client;
  };
  let single: Client | undefined;

  /** Each connection carries one request at a time, and the next one as soon as its answer is read. */
  const requestAlone = async (options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> => {
    const used = keepsOpen ? idle.pop() : undefined;
    const client = used ?? open();
    const discard = () => {
      clients.delete(client);
      void client.destroy();
    };
    try {
      const response = await client.request(options);
      let isRead = false;
      response.body.once("end", () => {
        isRead = true;
        idle.push(client);
      });
      // The rest of an answer may still arrive.
      response.body.once("close", () => isRead || discard());
      return response;
    } catch (error) {
      discard();
      if (!used || options.method !== "GET" || isDestroyed) throw error;
      // It was closed while the request was sent. No other connection is reused: only a GET can be sent again.
      keepsOpen = false;
      return requestAlone(options);
    }
  };

  return {
    request(target, options) {
      if (!isDear || !isBrief(target)) return requestAlone(options);
      single ??= open();
      return single.request(options);
    },
    async destroy() {
      isDestroyed = true;
      idle.length = 0;
      const close = () => Promise.all(Array.from(clients, (client) => client.destroy()));
      // The program of an expensive connection must end before oneoff. The kernel closes the other connections faster
      // if oneoff exits in this turn of the event loop.
      if (isDear) await close();
      else setImmediate(close);
    },
  };
}

const isBrief = ({ method, path }: Target) =>
  method === "GET" || method === "HEAD"
    ? !/^\/events$|\/stats$/.test(path)
    : /^\/containers\/(create|[^/]+\/start)$/.test(path);
