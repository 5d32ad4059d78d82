import type { Options } from "../command.ts";

const SWARM = "Swarm options:";

/** Options for services of a Swarm. */
export const swarmOptions = {
  anywhere: { type: "boolean", describe: "Run as a service task on any fitting node, without stdin", group: SWARM },
  node: { type: "string", placeholder: "NAME", describe: "Run on this node (name or ID)", group: SWARM },
  "start-timeout": {
    type: "string",
    placeholder: "DURATION",
    describe: "Give up if Swarm does not start it in this time (default 30s)",
    group: SWARM,
  },
} as const satisfies Options;
