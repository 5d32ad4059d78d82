import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { inject } from "vitest";
import type { SwarmAnswer } from "./global-swarm.ts";
import type { SwarmFacts } from "./swarm-bed.ts";

/**
 * The Swarm that all files of tests share: one manager, two workers. Name what you create there by yourself, remove it, and
 * leave the nodes as they are: a test that stops, drains or promotes one has a Swarm of its own (`startSwarm`).
 */
export const sharedSwarm = async (): Promise<SwarmFacts> => {
  const answer: SwarmAnswer = JSON.parse(await text(connect(inject("swarmSocket"))));
  if ("error" in answer) throw new Error(answer.error);
  return answer.swarm;
};
