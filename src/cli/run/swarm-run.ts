import { parseDuration } from "../../app/units.ts";
import type { Transport } from "../../engine/transport.ts";
import { insteadOfTask, portOnOverlay } from "../../errors/swarm-run.ts";
import type { ContainerCopy } from "../../oneoff/apps/copy.ts";
import type { Resolved } from "../../oneoff/apps/resolved-app.ts";
import type { Surroundings } from "../../oneoff/session/surroundings.ts";
import type { RunOptions } from "../../oneoff/spec/options.ts";
import type { OneoffSpec, RunFacts } from "../../oneoff/spec/spec.ts";
import { openHolder } from "../../oneoff/swarm/holder.ts";
import { onNode } from "../../oneoff/swarm/on-node.ts";
import { type Place, placeOneoff } from "../../oneoff/swarm/place.ts";
import type { ServiceApp } from "../../oneoff/swarm/service-app.ts";
import type { Event, Report } from "../../output/events.ts";
import type { Context } from "../context.ts";
import { nodeEngines } from "../node-engines.ts";
import type { RunFlags } from "./run-options.ts";
import { type Runner, taskRunner } from "./task-runner.ts";

const START_TIMEOUT_S = 30;

/** A one-off of a service, with its place. */
export interface SwarmRun {
  readonly place: Place;
  /** The app on the node. */
  readonly resolved: Resolved;
  readonly event: Event;
  /** The engine of the one-off; for a service task the manager's. */
  readonly engine: Transport;
  /** What decides about TTY and stdin. A service task without a requested TTY has neither, also at a terminal. */
  factsFor(facts: RunFacts, options: Pick<RunOptions, "args" | "tty">): RunFacts;
  /** Completes a spec with what the node brings. @throws OneoffError for options that are impossible there. */
  complete(spec: OneoffSpec): { readonly spec: OneoffSpec; readonly surroundings?: Surroundings };
  /** Runs a one-off as a service task; undefined if it is a container. @param image `--image` */
  taskRunner(spec: OneoffSpec, copy: ContainerCopy | undefined, image: string | undefined): Runner | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Chooses where and how a one-off of a service runs. @param networks that replace the service's. */
export async function placeRun(
  context: Context,
  { home: manager, report }: { readonly home: Transport; readonly report: Report },
  flags: RunFlags,
  resolved: Resolved & { readonly swarm: ServiceApp },
  networks: readonly string[] | undefined,
): Promise<SwarmRun> {
  const service = resolved.swarm;
  const startTimeout = flags["start-timeout"];
  const startTimeoutS = startTimeout === undefined ? START_TIMEOUT_S : parseDuration(startTimeout, "--start-timeout");
  await using opened = new AsyncDisposableStack();
  const request = { node: flags.node, taskReason: flags.anywhere ? "--anywhere" : undefined, networks };
  const engines = opened.use(nodeEngines(context, flags.config, report));
  const place = await placeOneoff(manager, service, request, (node) => engines.find(node));
  const kept = opened.move();
  return {
    place,
    resolved: place.way === "task" ? resolved : onNode(resolved, place.node),
    event: {
      type: "placed",
      app: service.service.Spec.Name,
      way: place.way,
      node: place.node?.Description.Hostname,
      ...(place.way === "task" && { reason: place.reason }),
    },
    engine: place.way === "task" ? manager : place.engine,
    factsFor(facts, { args, tty }) {
      if (place.way !== "task" || tty || args.length === 0 || facts.input !== "terminal") return facts;
      return { ...facts, input: "empty" };
    },
    taskRunner(spec, copy, image) {
      if (place.way !== "task" || !copy) return undefined;
      const instead = insteadOfTask(place.reason, place.wanted?.Description.Hostname);
      const task = { spec, service, copy, image, nodeId: place.node?.ID, startTimeoutS, instead };
      return taskRunner(task, context.terminal.input);
    },
    complete(spec) {
      if (place.way !== "sibling") return { spec };
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
