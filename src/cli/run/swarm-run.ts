import { parseDuration } from "../../app/units.ts";
import { contextNames } from "../../engine/endpoint/contexts.ts";
import type { Transport } from "../../engine/transport.ts";
import { noStdioForTask, portOnOverlay } from "../../errors/swarm-run.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import type { Surroundings } from "../../oneoff/session/surroundings.ts";
import type { OneoffSpec } from "../../oneoff/spec/spec.ts";
import { openHolder } from "../../oneoff/swarm/holder.ts";
import { addressesOf, findNodeEngine } from "../../oneoff/swarm/node-engine.ts";
import { type Place, placeOneoff } from "../../oneoff/swarm/place.ts";
import type { ServiceApp } from "../../oneoff/swarm/service-app.ts";
import type { Event, Report } from "../../output/events.ts";
import type { Context } from "../context.ts";
import type { RunFlags } from "./run-options.ts";

const START_TIMEOUT_S = 30;

/** A one-off of a service, with its place. */
export interface SwarmRun {
  readonly place: Place;
  readonly event: Event;
  /** The engine of the one-off; for a service task the manager's. */
  readonly engine: Transport;
  /** Completes a spec with what the node brings. @throws OneoffError for options that are impossible there. */
  complete(spec: OneoffSpec): { readonly spec: OneoffSpec; readonly surroundings?: Surroundings };
  [Symbol.asyncDispose](): Promise<void>;
}

/** Chooses where and how a one-off of a service runs. @param networks that replace the service's. */
export async function placeRun(
  context: Context,
  { home: manager, report }: { readonly home: Transport; readonly report: Report },
  flags: RunFlags,
  { service, networks }: { readonly service: ServiceApp; readonly networks: readonly string[] | undefined },
): Promise<SwarmRun> {
  const startTimeout = flags["start-timeout"];
  const startTimeoutS = startTimeout === undefined ? START_TIMEOUT_S : parseDuration(startTimeout, "--start-timeout");
  await using opened = new AsyncDisposableStack();
  const request = { node: flags.node, taskReason: flags.anywhere ? "--anywhere" : undefined, networks };
  const place = await placeOneoff(manager, service, request, async (node) => {
    const hosts = findManifest(flags.config, context)?.manifest.hosts ?? new Map<string, string>();
    const addresses = addressesOf(node, { hosts, contexts: contextNames(context) });
    const found = await findNodeEngine(report, node, { addresses, open: (options) => context.openEngine(options) });
    if (found) opened.use(found.engine);
    return found;
  });
  const kept = opened.move();
  return {
    place,
    event: {
      type: "placed",
      app: service.service.Spec.Name,
      way: place.way,
      node: place.node?.Description.Hostname,
      ...(place.way === "task" && { reason: place.reason }),
    },
    engine: place.way === "task" ? manager : place.engine,
    complete(spec) {
      if (place.way === "task") {
        if (spec.tty || spec.stdin) {
          throw noStdioForTask(spec.tty ? "a TTY" : "stdin", place.reason, place.wanted?.Description.Hostname);
        }
        return { spec };
      }
      if (place.way === "container") return { spec };
      const [network] = place.needs.networks;
      if (network !== undefined && spec.ports) throw portOnOverlay(network);
      const holder = openHolder(
        { manager, engine: place.engine, report, owner: context.owner.self },
        {
          ...{ service: service.service.Spec, node: place.node, rootDir: place.rootDir, startTimeoutS },
          // A container with a network of its own may publish ports. A shared network is ready sooner.
          sharesNetwork: place.needs.hasNetworks && !spec.ports,
        },
      );
      return { spec: holder.beside(spec), surroundings: holder.surroundings };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
