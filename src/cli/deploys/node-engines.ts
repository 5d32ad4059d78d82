import type { Manifest } from "../../app/manifest/manifest-schema.ts";
import type { FindNodeEngine } from "../../deploy/swarm/publish-nodes.ts";
import { contextNames } from "../../engine/endpoint/contexts.ts";
import { addressesOf, findNodeEngine } from "../../oneoff/swarm/placement/node-engine.ts";
import type { Report } from "../../output/events.ts";
import type { Context } from "../context.ts";

/** Connects to the engines of other nodes, which `opened` disposes. @param hosts of oneoff.yaml. */
export const engineFinder =
  (
    context: Context,
    report: Report,
    hosts: Manifest["hosts"] | undefined,
    opened: AsyncDisposableStack,
  ): FindNodeEngine =>
  async (node) => {
    const addresses = addressesOf(node, { hosts: hosts ?? new Map(), contexts: contextNames(context) });
    const found = await findNodeEngine(report, node, { addresses, open: (options) => context.openEngine(options) });
    if (found) opened.use(found.engine);
    return found;
  };
