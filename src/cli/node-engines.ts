import type { NodeHosts } from "../app/manifest/manifest-swarm.ts";
import { contextNames } from "../engine/endpoint/contexts.ts";
import type { SwarmNode } from "../engine/swarm/node-types.ts";
import { findManifest } from "../oneoff/apps/manifest-file.ts";
import { addressesOf, findNodeEngine, type NodeEngine } from "../oneoff/swarm/placement/node-engine.ts";
import type { Report } from "../output/events.ts";
import type { Context } from "./context.ts";

/** Connects to the engines of a Swarm's nodes, whose addresses oneoff.yaml, docker's contexts and labels of nodes have. */
export interface NodeEngines extends AsyncDisposable {
  find(node: SwarmNode): Promise<NodeEngine | undefined>;
}

/** @param config `--config` */
export function nodeEngines(context: Context, config: string | undefined, report: Report): NodeEngines {
  const opened = new AsyncDisposableStack();
  let hosts: NodeHosts | undefined;
  return {
    async find(node) {
      hosts ??= (await findManifest(config, context))?.manifest.hosts ?? new Map<string, string>();
      const addresses = addressesOf(node, { hosts, contexts: contextNames(context) });
      const found = await findNodeEngine(report, node, { addresses, open: (options) => context.openEngine(options) });
      if (found) opened.use(found.engine);
      return found;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
