import { launcherOf } from "../../../app/buildpacks.ts";
import { inspectContainer } from "../../../engine/containers.ts";
import type { SwarmNode } from "../../../engine/swarm/node-types.ts";
import type { Transport } from "../../../engine/transport.ts";
import type { ContainerDetails } from "../../../engine/types.ts";
import { isRefusal } from "../../../errors/engine.ts";
import { taskElsewhere } from "../../../errors/swarm-oneoffs.ts";
import { LABEL } from "../../../identity/labels.ts";
import { labelOf } from "../../../identity/ownership.ts";
import type { AppProcess } from "../../apps/find-process.ts";
import { findOneoff } from "../../lookup/find-oneoff.ts";
import { type Oneoff, stateOf } from "../../lookup/oneoff.ts";
import type { NodeEngine } from "../placement/node-engine.ts";
import { type FoundTask, findOneoffService, findTask } from "./find-task.ts";
import { isOneoff, kindOfService, seconds } from "./list-services.ts";

/** Connects to the engine of another node, if its address is known. */
export type FindEngine = (node: SwarmNode) => Promise<Pick<NodeEngine, "engine"> | undefined>;

/** A container on the engine of its node. */
export interface Reached {
  readonly engine: Transport;
  readonly container: Oneoff | AppProcess;
}

/**
 * Finds the container of a task, or of the one-off beside a holder, on this node or through the engine of its node.
 * @param command for the error. @throws OneoffError if the engine of the node is not known
 */
export async function reachTask(
  engine: Transport,
  found: FoundTask,
  command: Parameters<typeof taskElsewhere>[4],
  findEngine: FindEngine,
): Promise<Reached> {
  const reached = await tryReachTask(engine, found, findEngine);
  if (reached) return reached;
  const { name, node } = found;
  throw taskElsewhere(name, node.Description.Hostname, addressOf(node), containerName(found), command);
}

/** Finds a one-off beside a holder on another node. @returns undefined if no holder has the name */
export async function findHeldOneoff(
  engine: Transport,
  { word, app }: { readonly word: string | undefined; readonly app: string | undefined },
  command: Parameters<typeof taskElsewhere>[4],
  findEngine: FindEngine,
): Promise<Reached | undefined> {
  const service = word === undefined ? undefined : await findOneoffService(engine, word, app);
  if (word === undefined || !service || kindOfService(service) !== "holder") return undefined;
  const found = await findTask(engine, word, { app, onlyOneoffs: true, exited: true });
  return found && (await reachTask(engine, found, command, findEngine));
}

/** @returns undefined if the engine of the node is not known. */
export async function tryReachTask(
  engine: Transport,
  found: FoundTask,
  findEngine: FindEngine,
): Promise<Reached | undefined> {
  const { service, name, node } = found;
  const isHolder = kindOfService(service) === "holder";
  const here = isHolder ? undefined : await toContainer(engine, found);
  if (here) return { engine, container: here };
  const other = await findEngine(node);
  if (!other) return undefined;
  const app = service.Spec.Labels?.[LABEL.app];
  const there = isHolder ? await findOneoff(other.engine, name, app) : await toContainer(other.engine, found);
  return there && { engine: other.engine, container: there };
}

/** @returns undefined if another engine has the container. */
async function toContainer(engine: Transport, found: FoundTask): Promise<Oneoff | AppProcess | undefined> {
  const { service, task, name } = found;
  const id = task.Status.ContainerStatus?.ContainerID ?? "";
  try {
    const { Config, Name = "", State } = await inspectContainer(engine, id);
    const labels = service.Spec.Labels ?? {};
    const container: Oneoff = {
      ...{ id, name, containerName: Name.replace(/^\//, ""), ...stateNow(State) },
      app: labelOf(labels, LABEL.app) ?? service.Spec.Name,
      command: labels[LABEL.command] ?? "",
      processType: labelOf(labels, LABEL.processType),
      created: Date.parse(service.CreatedAt) / 1000,
      ...{ timeout: seconds(labels[LABEL.timeout]), retain: seconds(labels[LABEL.retain]) },
      ...{ owner: undefined, onDisconnect: undefined },
      launcher: launcherOf({ labels: Config.Labels, env: Config.Env }),
    };
    return isOneoff(service) ? container : { ...container, from: "swarm" };
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

function stateNow({ Running, Status, ExitCode = 0 }: ContainerDetails["State"]): Pick<Oneoff, "state" | "code"> {
  if (Running) return { state: "up", code: undefined };
  return Status === "created" ? { state: "starting", code: undefined } : { state: stateOf(ExitCode), code: ExitCode };
}

/** The name of the container on the engine of its node. */
const containerName = ({ service, task, node }: FoundTask) =>
  kindOfService(service) === "holder"
    ? (service.Spec.Labels?.[LABEL.name] ?? "")
    : `${service.Spec.Name}.${task.Slot ?? node.ID}.${task.ID}`;

/** The address of a node, if it is more than a placeholder. */
export function addressOf({ Status, ManagerStatus }: SwarmNode): string | undefined {
  const manager = ManagerStatus?.Addr?.replace(/:\d+$/, "");
  return [Status.Addr, manager].find((address) => address && !/^(0\.0\.0\.0|127\.|::1?$|\[::)/.test(address));
}
