import { containerPart } from "../../../app/app-name.ts";
import { listContainers } from "../../../engine/containers.ts";
import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { ContainerSpec, ServiceSpec } from "../../../engine/swarm/service-types.ts";
import { createService, removeService } from "../../../engine/swarm/services.ts";
import type { Transport } from "../../../engine/transport.ts";
import type { ContainerCreateBody } from "../../../engine/types.ts";
import { isRefusal } from "../../../errors/engine.ts";
import { because, warning } from "../../../errors/error.ts";
import { holderStopped } from "../../../errors/swarm-run.ts";
import { LABEL } from "../../../identity/labels.ts";
import { serviceName } from "../../../identity/names.ts";
import { ownLabels } from "../../../identity/ownership.ts";
import type { Report } from "../../../output/events.ts";
import type { Surroundings } from "../../session/surroundings.ts";
import type { OneoffSpec } from "../../spec/spec.ts";
import { oneTaskSpec } from "../one-task-spec.ts";
import { holderImage, SLEEP_PATH } from "./holder-image.ts";
import { type HolderStart, SERVICE_LABEL, watchHolder } from "./holder-start.ts";
import { needsFilesFirst, siblingBody } from "./sibling-body.ts";

export interface HolderContext {
  /** The engine that creates services. */
  readonly manager: Transport;
  /** The engine of the node. */
  readonly engine: Transport;
  readonly report: Report;
  /** The owner in labels. */
  readonly owner: string;
}

export interface HolderPlan {
  readonly service: ServiceSpec;
  readonly node: SwarmNode;
  /** The data folder of the node's engine. */
  readonly rootDir: string;
  /** Whether the one-off uses the network of the holder. */
  readonly sharesNetwork: boolean;
  readonly startTimeoutS: number;
}

/** A service of one that brings the network, secrets and configs of an app to a node. */
export interface Holder {
  readonly surroundings: Surroundings;
  /** The spec of the one-off beside it. Its `body` is complete when the holder is prepared. */
  beside(spec: OneoffSpec): OneoffSpec;
}

/** Stands for the container of the holder until it exists. */
const UNKNOWN = "HOLDER";

export function openHolder(context: HolderContext, plan: HolderPlan): Holder {
  const { manager, report } = context;
  const { service, rootDir, sharesNetwork } = plan;
  const files = service.TaskTemplate.ContainerSpec ?? {};
  let holder: { readonly id: string; readonly name: string } | undefined;
  let container = UNKNOWN;
  let start: HolderStart | undefined;
  let interrupted: Promise<never> | undefined;
  let original: OneoffSpec | undefined;
  const orInterrupted = (wait: Promise<string>) => (interrupted ? Promise.race([wait, interrupted]) : wait);
  const remove = async () => {
    const removed = holder;
    holder = undefined;
    start?.[Symbol.dispose]();
    if (!removed) return;
    try {
      await removeService(manager, removed.id);
    } catch (error) {
      if (!isRefusal(error, 404)) report(warning(because(`cannot remove the service ${removed.name}`, error)));
    }
  };
  return {
    beside(spec) {
      original = spec;
      return {
        ...spec,
        moreNetworks: sharesNetwork ? [] : spec.moreNetworks,
        body: (name, quirks) => siblingBody(spec.body(name, quirks), { container, rootDir, sharesNetwork }, files),
      };
    },
    surroundings: {
      async prepare(spec, lockContext, name) {
        await remove();
        interrupted = lockContext.interrupted;
        const ownName = serviceName(`${containerPart(spec.app)}.${name}`);
        const [image, watched] = await Promise.all([
          holderImage(context.engine, plan.node),
          watchHolder(context, plan, ownName),
        ]);
        start = watched;
        const body = holderSpec(context, plan, { spec: original ?? spec, name, ownName, image });
        try {
          holder = { id: await createService(manager, body), name: body.Name };
        } catch (error) {
          start[Symbol.dispose]();
          if (isRefusal(error, 409)) return false;
          throw error;
        }
        start.begin();
        container = await orInterrupted(needsFilesFirst(files) ? start.running : start.created);
        return true;
      },
      async fill() {
        if (start) await orInterrupted(start.running);
        start?.[Symbol.dispose]();
      },
      abandon: remove,
      async release() {
        if (holder && (await isStopped(context.engine, holder.name))) report(warning(holderStopped(holder.name)));
        await remove();
      },
    },
  };
}

/** A drain of the node stops services, and with them the network of the one-off. */
async function isStopped(engine: Transport, service: string): Promise<boolean> {
  const containers = await listContainers(engine, { label: [`${SERVICE_LABEL}=${service}`] }).catch(() => undefined);
  return containers !== undefined && !containers.some(({ State }) => State === "running");
}

interface Held {
  readonly spec: OneoffSpec;
  /** `run.7364` */
  readonly name: string;
  /** Of the service: `my-app-run-7364`. */
  readonly ownName: string;
  readonly image: string;
}

function holderSpec({ owner }: HolderContext, { service, node, sharesNetwork }: HolderPlan, held: Held): ServiceSpec {
  const { spec, name, ownName, image } = held;
  const body = spec.body(name);
  return oneTaskSpec(service, {
    name: ownName,
    labels: ownLabels(ownName, {
      [LABEL.app]: spec.app,
      [LABEL.name]: name,
      [LABEL.kind]: "holder",
      [LABEL.command]: body.Labels[LABEL.command] ?? "",
      [LABEL.owner]: owner,
    }),
    container: {
      ...{ Image: image, Command: [SLEEP_PATH], Args: [], User: "", Groups: [], Dir: "", Mounts: [], Labels: {} },
      // The first process of a container ignores SIGTERM.
      ...{ TTY: false, OpenStdin: false, Init: false, StopSignal: "SIGKILL" },
      ...(sharesNetwork && networkSettings(body)),
    },
    constraints: [`node.id==${node.ID}`],
    logDriver: { Name: "none" },
  });
}

/** The settings of the one-off that belong to the owner of its network. */
function networkSettings({ Hostname, HostConfig }: ContainerCreateBody): Partial<ContainerSpec> {
  const { Dns: Nameservers, DnsSearch: Search, DnsOptions: Options, ExtraHosts } = HostConfig;
  const dns = { ...(Nameservers && { Nameservers }), ...(Search && { Search }), ...(Options && { Options }) };
  return {
    ...(Hostname && { Hostname }),
    ...(ExtraHosts && { Hosts: ExtraHosts.map(toHostsLine) }),
    ...(Object.keys(dns).length > 0 && { DNSConfig: dns }),
  };
}

/** `db:10.0.0.1` in the create request of a container, `10.0.0.1 db` in a service's. */
const toHostsLine = (entry: string) => entry.replace(/^([^:]+):(.*)$/, "$2 $1");
