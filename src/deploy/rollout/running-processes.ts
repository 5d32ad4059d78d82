import { removeIfThere, renameContainer, startContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { NEW_SUFFIX, OLD_SUFFIX } from "../../identity/names.ts";
import { containerNameOf, labelOf } from "../../identity/ownership.ts";
import { listVerifiedOwn } from "../../identity/verify-ownership.ts";
import { processContainerName } from "./process-spec.ts";
import { type OldProcessContext, stopOldProcesses } from "./stop-old-processes.ts";

/** A process of an app with a container, which may have exited. */
export interface RunningProcess {
  readonly id: string;
  readonly app: string;
  readonly type: string;
  /** `web.1` */
  readonly name: string;
  /** Release number. */
  readonly release: number;
  /** Whether it must be stopped; also true for a paused or restarting container. */
  readonly isRunning: boolean;
  /** Whether it is running, not paused or restarting. */
  readonly isUp: boolean;
  /** Host ports that it publishes. */
  readonly hostPorts: readonly number[];
}

type ListedProcess = RunningProcess & { readonly role: "candidate" | "old" | "live"; readonly displaces: boolean };

/** The live processes, without candidates and replaced ones. */
export const listRunning = async (engine: Transport, app: string): Promise<RunningProcess[]> =>
  (await listAll(engine, app)).filter(({ role }) => role === "live");

async function listAll(engine: Transport, app: string): Promise<ListedProcess[]> {
  const label = [`${LABEL.app}=${app}`, `${LABEL.kind}=process`];
  return (await listVerifiedOwn(engine, { label })).map((container) => toListed(app, container));
}

function toListed(app: string, container: ContainerSummary): ListedProcess {
  const { Id, Labels, State, Ports = [] } = container;
  const name = Labels[LABEL.name] ?? "";
  const containerName = processContainerName(app, name);
  const suffix = containerNameOf(container).slice(containerName.length);
  const role = suffix === NEW_SUFFIX ? "candidate" : suffix === OLD_SUFFIX ? "old" : "live";
  return {
    id: Id,
    app,
    type: Labels[LABEL.processType] ?? "",
    name,
    release: Number(Labels[LABEL.release]),
    isRunning: ["running", "restarting", "paused"].includes(State),
    isUp: State === "running",
    hostPorts: Ports.flatMap(({ PublicPort }) => PublicPort ?? []),
    role,
    displaces: labelOf(Labels, LABEL.displaces) !== undefined,
  };
}

/** How to complete or roll back an interrupted rollout. */
export interface Recovery {
  /** Candidates that never went live. */
  readonly remove: readonly RunningProcess[];
  /** Old processes that get their name again. */
  readonly restore: readonly RunningProcess[];
  /** Old processes that were stopped for a candidate that never went live. */
  readonly start: readonly RunningProcess[];
  /** Old processes that were replaced. */
  readonly stop: readonly RunningProcess[];
}

/**
 * Derives the progress of an interrupted rollout from container names. All candidates start beside the old processes.
 * Then the old processes are renamed, and after them the candidates. Without a candidate the rollout was complete.
 */
export function planRecovery(all: readonly ListedProcess[]): Recovery {
  const candidates = all.filter(({ role }) => role === "candidate");
  const old = all.filter(({ role }) => role === "old");
  const live = all.filter(({ role }) => role === "live");
  const isNameOf = (others: readonly ListedProcess[]) => {
    const names = new Set(others.map(({ name }) => name));
    return ({ name }: ListedProcess) => names.has(name);
  };
  if (candidates.length === 0) {
    const isReplaced = isNameOf(live);
    return {
      remove: [],
      restore: old.filter((one) => !isReplaced(one)),
      start: [],
      stop: old.filter(isReplaced),
    };
  }
  const switched = live.filter(isNameOf(old));
  const displaced = isNameOf([...candidates, ...switched].filter(({ displaces }) => displaces));
  return {
    remove: [...candidates, ...switched],
    restore: old,
    start: [...old, ...live.filter((one) => !switched.includes(one))].filter((one) => displaced(one) && !one.isRunning),
    stop: [],
  };
}

/** Completes or rolls back an interrupted rollout. @returns the live processes. */
export async function recoverProcesses(context: OldProcessContext, app: string): Promise<RunningProcess[]> {
  const { engine } = context;
  const all = await listAll(engine, app);
  const { remove, restore, start, stop } = planRecovery(all);
  for (const { id } of remove) await removeIfThere(engine, id);
  for (const { id, name } of restore) await renameContainer(engine, id, processContainerName(app, name));
  for (const { id } of start) await startContainer(engine, id);
  await stopOldProcesses(context, stop);
  // Saves a request in the usual case.
  const isDone = [remove, restore, start, stop].every(({ length }) => length === 0);
  return isDone ? all : await listRunning(engine, app);
}
