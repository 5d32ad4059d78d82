import { removeIfThere, renameContainer, startContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { listVerifiedOwn } from "../../identity/copies.ts";
import { LABEL } from "../../identity/labels.ts";
import { NEW_SUFFIX, OLD_SUFFIX } from "../../identity/names.ts";
import { containerNameOf, labelOf } from "../../identity/ownership.ts";
import { processContainerName } from "./process-spec.ts";
import { type OldProcessContext, stopOldProcesses } from "./stop-old-processes.ts";

/** A process of an app that has a container, running or not. */
export interface RunningProcess {
  readonly id: string;
  readonly app: string;
  readonly type: string;
  /** `web.1` */
  readonly name: string;
  /** The number of its release. */
  readonly release: number;
  /** Whether there is something to stop: also one that is paused, or about to be started again. */
  readonly isRunning: boolean;
  /** Whether it does what it is there for. */
  readonly isUp: boolean;
  /** Ports of the host that it holds. */
  readonly hostPorts: readonly number[];
}

type ListedProcess = RunningProcess & { readonly part: "coming" | "leaving" | "placed"; readonly displaces: boolean };

/** Those that are in their places. */
export const listRunning = async (engine: Transport, app: string): Promise<RunningProcess[]> =>
  (await listAll(engine, app)).filter(({ part }) => part === "placed");

async function listAll(engine: Transport, app: string): Promise<ListedProcess[]> {
  const label = [`${LABEL.app}=${app}`, `${LABEL.kind}=process`];
  return (await listVerifiedOwn(engine, { label })).map((container) => toListed(app, container));
}

function toListed(app: string, container: ContainerSummary): ListedProcess {
  const { Id, Labels, State, Ports = [] } = container;
  const name = Labels[LABEL.name] ?? "";
  const place = processContainerName(app, name);
  const suffix = containerNameOf(container).slice(place.length);
  const part = suffix === NEW_SUFFIX ? "coming" : suffix === OLD_SUFFIX ? "leaving" : "placed";
  return {
    id: Id,
    app,
    type: Labels[LABEL.processType] ?? "",
    name,
    release: Number(Labels[LABEL.release]),
    isRunning: ["running", "restarting", "paused"].includes(State),
    isUp: State === "running",
    hostPorts: Ports.flatMap(({ PublicPort }) => PublicPort ?? []),
    part,
    displaces: labelOf(Labels, LABEL.displaces) !== undefined,
  };
}

/** What is to be done about what somebody has left who could not finish. */
export interface Recovery {
  /** Never went live. */
  readonly remove: readonly RunningProcess[];
  /** Gets its place back. */
  readonly restore: readonly RunningProcess[];
  /** Was stopped for what never went live. */
  readonly start: readonly RunningProcess[];
  /** Was replaced already. */
  readonly stop: readonly RunningProcess[];
}

/**
 * What names alone say of how far it came. All that is new waits beside the old; then, one after the other, the old gives
 * up its place and the new takes it; when nothing waits any more, all is new.
 */
export function planRecovery(all: readonly ListedProcess[]): Recovery {
  const coming = all.filter(({ part }) => part === "coming");
  const leaving = all.filter(({ part }) => part === "leaving");
  const placed = all.filter(({ part }) => part === "placed");
  const isNameOf = (others: readonly ListedProcess[]) => {
    const names = new Set(others.map(({ name }) => name));
    return ({ name }: ListedProcess) => names.has(name);
  };
  if (coming.length === 0) {
    const isReplaced = isNameOf(placed);
    return {
      remove: [],
      restore: leaving.filter((one) => !isReplaced(one)),
      start: [],
      stop: leaving.filter(isReplaced),
    };
  }
  const intruded = placed.filter(isNameOf(leaving));
  const displaced = isNameOf([...coming, ...intruded].filter(({ displaces }) => displaces));
  return {
    remove: [...coming, ...intruded],
    restore: leaving,
    start: [...leaving, ...placed.filter((one) => !intruded.includes(one))].filter(
      (one) => displaced(one) && !one.isRunning,
    ),
    stop: [],
  };
}

/** Puts everything back in its place. @returns what there is then. */
export async function recoverProcesses(context: OldProcessContext, app: string): Promise<RunningProcess[]> {
  const { engine } = context;
  const all = await listAll(engine, app);
  const { remove, restore, start, stop: retire } = planRecovery(all);
  for (const { id } of remove) await removeIfThere(engine, id);
  for (const { id, name } of restore) await renameContainer(engine, id, processContainerName(app, name));
  for (const { id } of start) await startContainer(engine, id);
  await stopOldProcesses(context, retire);
  // Most often there was nothing to do.
  const isDone = [remove, restore, start, retire].every(({ length }) => length === 0);
  return isDone ? all : await listRunning(engine, app);
}
