import { once } from "node:events";
import { createServer } from "node:net";
import type { TestProject } from "vitest/node";
import { type OwnSwarm, type SwarmFacts, startSwarm } from "./swarm-bed.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where `sharedSwarm()` asks for the Swarm. */
    swarmSocket: string;
  }
}

/** What is answered at the socket, as JSON. */
export type SwarmAnswer = { readonly swarm: SwarmFacts } | { readonly error: string };

/** One Swarm of three nodes for all files of tests, started when the first of them asks for it. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  // Of Linux alone, and without a file that could be left.
  const socket = `\0oneoff-swarm-${process.pid}`;
  let started: Promise<OwnSwarm> | undefined;
  const answer = (): Promise<SwarmAnswer> => {
    started ??= startSwarm({ nodes: 3 });
    return started
      .then(({ nodes, registry }) => ({ swarm: { nodes, registry } }))
      .catch(({ stack }) => ({ error: stack }));
  };
  const server = createServer(async (connection) => {
    connection.on("error", () => {});
    connection.end(JSON.stringify(await answer()));
  });
  await once(server.listen(socket), "listening");
  project.provide("swarmSocket", socket);
  return async () => {
    server.close();
    await (await started?.catch(() => undefined))?.[Symbol.asyncDispose]();
  };
};
