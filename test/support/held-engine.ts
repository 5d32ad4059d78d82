import { rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { socketOf } from "./docker-api.ts";

export interface Hold {
  /** Resolves when a matching chunk has arrived. */
  reached: Promise<void>;
  /** Forwards the held chunk. */
  release(): void;
}

let sockets = 0;

const drained = (socket: Socket) =>
  new Promise<void>((resolve) => {
    const go = () => {
      socket.off("drain", go).off("close", go);
      resolve();
    };
    socket.on("drain", go).on("close", go);
  });

/**
 * A proxy in front of an engine that can hold a request or a response, so that a test can inspect each stage of a run. A
 * chunk that is still held on disposal is dropped.
 */
export const heldEngine = async (host: string) => {
  const path = `/tmp/oneoff-h-${process.pid}-${sockets++}.sock`;
  const holds: { side: "request" | "answer"; pattern: RegExp; reached(): void; released: Promise<void> }[] = [];
  const open = new Set<Socket>();

  const pass = async (side: "request" | "answer", from: Socket, to: Socket) => {
    for await (const chunk of from) {
      const at = holds.findIndex((hold) => hold.side === side && hold.pattern.test(chunk.toString("latin1")));
      const [hold] = at < 0 ? [] : holds.splice(at, 1);
      hold?.reached();
      await hold?.released;
      if (!to.write(chunk)) await drained(to);
    }
    to.end();
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: socketOf(host), allowHalfOpen: true });
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      open.add(from);
      from.once("close", () => open.delete(from));
      from.on("error", () => {});
      // If one side breaks, so does the other.
      pass(from === client ? "request" : "answer", from, to).catch(() => to.destroy());
    }
  });
  await new Promise<void>((listening) => server.listen(path, listening));

  return {
    host: `unix://${path}`,
    /** @param pattern searched in each chunk; a chunk contains the whole beginning of a request or response. */
    hold(side: "request" | "answer", pattern: RegExp): Hold {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      holds.push({ side, pattern, reached: reached.resolve, released: released.promise });
      return { reached: reached.promise, release: released.resolve };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((closed) => server.close(closed));
      await rm(path, { force: true });
    },
  };
};
