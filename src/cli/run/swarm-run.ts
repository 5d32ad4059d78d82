import { parseDuration } from "../../app/units.ts";
import { urlOf } from "../../engine/endpoint/endpoint.ts";
import type { Transport } from "../../engine/transport.ts";
import { warning } from "../../errors/error.ts";
import { omittedSettings } from "../../errors/swarm.ts";
import { insteadOfTask, portOnOverlay } from "../../errors/swarm-run.ts";
import type { ContainerCopy } from "../../oneoff/apps/copy.ts";
import type { Resolved } from "../../oneoff/apps/resolved-app.ts";
import type { Surroundings } from "../../oneoff/session/surroundings.ts";
import type { RunOptions } from "../../oneoff/spec/options.ts";
import type { OneoffSpec, RunFacts } from "../../oneoff/spec/spec.ts";
import { openHolder } from "../../oneoff/swarm/holder/holder.ts";
import { type Place, placeOneoff } from "../../oneoff/swarm/placement/place.ts";
import { relocate } from "../../oneoff/swarm/services/relocate.ts";
import type { ServiceApp } from "../../oneoff/swarm/services/service-app.ts";
import { withServiceValues } from "../../oneoff/swarm/services/service-templates.ts";
import type { Event, Report } from "../../output/events.ts";
import type { Context } from "../context.ts";
import { nodeEngines } from "../node-engines.ts";
import type { RunFlags } from "./run-options.ts";
import { type Runner, taskRunner } from "./task-runner.ts";

const START_TIMEOUT_S = 30;

/** A one-off of a service, with its place. */
export interface SwarmRun {
  readonly place: Place;
  readonly event: Event;
  /** The engine of the one-off; for a service task the manager's. */
  readonly engine: Transport;
  /** Adds the engine of another node to events whose commands need it. */
  readonly report: Report;
  /** The app as the node has it. */
  readonly resolved: Resolved;
  /** What decides about TTY and stdin. A service task without a requested TTY has neither, also at a terminal. */
  factsFor(facts: RunFacts, options: Pick<RunOptions, "args" | "tty">): RunFacts;
  /** Completes a spec with what the node brings. @throws OneoffError for options that are impossible there. */
  complete(spec: OneoffSpec): { readonly spec: OneoffSpec; readonly surroundings?: Surroundings };
  /** Runs a one-off as a service task; undefined if it is a container. @param image `--image` */
  taskRunner(spec: OneoffSpec, copy: ContainerCopy | undefined, image: string | undefined): Runner | undefined;
  [Symbol.asyncDispose](): Promise<void>;
}

interface PlacedApp {
  readonly resolved: Resolved;
  readonly service: ServiceApp;
  readonly options: Pick<RunOptions, "networks" | "detach">;
}

/** Chooses where and how a one-off of a service runs. */
export async function placeRun(
  context: Context,
  { home: manager, report }: { readonly home: Transport; readonly report: Report },
  flags: RunFlags,
  { resolved, service, options }: PlacedApp,
): Promise<SwarmRun> {
  const startTimeout = flags["start-timeout"];
  const startTimeoutS = startTimeout === undefined ? START_TIMEOUT_S : parseDuration(startTimeout, "--start-timeout");
  await using opened = new AsyncDisposableStack();
  const networks = options.networks ?? resolved.app.settings.networks;
  const request = { node: flags.node, taskReason: taskReasonOf(flags, options), networks };
  const engines = opened.use(nodeEngines(context, flags.config, report));
  const place = await placeOneoff(manager, service, request, (node) => engines.find(node));
  const { omitted = [] } = resolved;
  if (place.way !== "task" && omitted.length > 0) report(warning(omittedSettings(omitted)));
  const isElsewhere = place.way !== "task" && place.engine !== manager;
  const image = flags.image ?? resolved.app.settings.image;
  const placed = isElsewhere ? await relocate(resolved, place, image) : resolved;
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
    report: isElsewhere ? reportFrom(place.engine, report) : report,
    resolved: placed,
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
          ...{ service: withServiceValues(service.service), node: place.node, rootDir: place.rootDir, startTimeoutS },
          // A container with a network of its own may publish ports. A shared network is ready sooner.
          sharesNetwork: place.needs.hasNetworks && !spec.ports,
        },
      );
      return { spec: holder.beside(spec), surroundings: holder.surroundings };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Only the engine of its node knows a container. */
const reportFrom =
  ({ endpoint }: Transport, report: Report): Report =>
  (event) =>
    report(event.type === "detached" || event.type === "still-running" ? { ...event, host: urlOf(endpoint) } : event);

/** Options that only a container can have. */
const OF_CONTAINERS = [
  ...(["file", "secret", "tty", "tail", "publish", "service-ports", "link", "device", "gpus", "privileged"] as const),
  ...(["security-opt", "ipc", "shm-size", "platform", "log-driver", "log-opt"] as const),
] as const;

/** Why a one-off is to be a service task. In the background Swarm supervises it, which needs no holder. */
function taskReasonOf(flags: RunFlags, { detach }: Pick<RunOptions, "detach">): string | undefined {
  if (flags.anywhere) return "--anywhere";
  return detach && OF_CONTAINERS.every((option) => flags[option] === undefined) ? "--detach" : undefined;
}
