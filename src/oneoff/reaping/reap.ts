import {
  inspectContainer,
  killContainer,
  removeContainer,
  renameContainer,
  stopContainer,
} from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { EngineRefused, isRefusal } from "../../errors/engine.ts";
import { LABEL } from "../../identity/labels.ts";
import { detachedName } from "../../identity/names.ts";
import { listOwn } from "../../identity/ownership.ts";
import { excludeCopies } from "../../identity/verify-ownership.ts";
import { type Journal, openRecord } from "../journal/journal.ts";
import { findLeftVolumes, removeLeftVolumes } from "./left-volumes.ts";
import { hasPassed, type Overdue, selectOverdue } from "./overdue.ts";
import type { Owner } from "./owner.ts";
import { clockOf } from "./staleness.ts";

/** How many requests are sent in parallel. */
const MAX_PARALLEL = 16;

/** Receives the engine's errors, except for containers that another process has removed. */
type OnRefusal = (overdue: Overdue, error: EngineRefused) => void;

type OwnerCheck = Pick<Owner, "isAlive">;

/**
 * Finds overdue containers with one request, and two more for each candidate.
 * @param listAll lists all containers of oneoff.
 */
export async function findOverdue(
  engine: Transport,
  judge: OwnerCheck,
  explicit: boolean,
  onRefusal: OnRefusal,
  listAll = () => listOwn(engine, { label: [LABEL.kind] }),
) {
  const containers = await listAll();
  const clock = clockOf(engine, judge);
  const candidates = selectOverdue(containers, clock, explicit);
  const ids = new Set(candidates.map(({ container }) => container.id));
  const own = await excludeCopies(
    engine,
    containers.filter(({ Id }) => ids.has(Id)),
  );
  const ownIds = new Set(own.map(({ Id }) => Id));
  const confirmed = candidates.filter(({ container }) => ownIds.has(container.id));
  return await forEachOverdue(confirmed, onRefusal, async (overdue) => {
    const { id, retain = 0, timeout = 0 } = overdue.container;
    if (overdue.reason !== "expired" && overdue.reason !== "deadline") return overdue;
    const {
      StartedAt = "",
      FinishedAt: time = "",
      OOMKilled: oom = false,
    } = (await inspectContainer(engine, id)).State;
    if (overdue.reason === "deadline") return hasPassed(StartedAt, timeout, clock) ? overdue : undefined;
    return hasPassed(time, retain, clock) ? { ...overdue, end: { time, oom } } : undefined;
  });
}

export interface ReapContext {
  readonly engine: Transport;
  readonly journal: Journal;
}

/** Stops or removes overdue containers. @returns the ones that were handled. */
export async function reap({ engine, journal }: ReapContext, overdue: readonly Overdue[], onRefusal: OnRefusal) {
  let exitedIds: Set<string> | undefined;
  const isExitJournalled = (id: string) => {
    exitedIds ??= new Set(journal.read().flatMap(({ event, containerId }) => (event === "exited" ? containerId : [])));
    return exitedIds.has(id);
  };
  return await forEachOverdue(overdue, onRefusal, async (one) => {
    const { action, container, end } = one;
    const { id, code, containerName } = container;
    if (action === "stop") {
      openRecord(journal, container).stopping("SIGTERM");
      await stopContainer(engine, id);
    } else if (action === "remove") {
      // If no other process has journalled the exit, it would be lost with the container.
      if (code !== undefined && !isExitJournalled(id)) openRecord(journal, container).exited(code, end);
      // A container that runs after all is not removed.
      await removeContainer(engine, id, "spare");
    } else {
      await killContainer(engine, id, "SIGHUP");
      // One SIGHUP only: it is detached afterwards.
      await renameContainer(engine, id, detachedName(containerName));
    }
    return one;
  });
}

/**
 * Reaps a few overdue containers while a command runs. Errors are ignored, and requests that are not answered when the
 * connections are closed are left for the next time.
 */
export async function reapInPassing(
  context: ReapContext,
  judge: OwnerCheck,
  listAll?: Parameters<typeof findOverdue>[4],
): Promise<void> {
  const ignore = () => {};
  try {
    const overdue = await findOverdue(context.engine, judge, false, ignore, listAll);
    await reap(context, overdue.slice(0, MAX_PARALLEL), ignore);
    await removeLeftVolumes(context.engine, (await findLeftVolumes(context.engine)).slice(0, MAX_PARALLEL));
  } catch {
    // The command itself must not fail.
  }
}

/** Handles containers, a few in parallel. @returns the results without undefined. */
async function forEachOverdue(
  all: readonly Overdue[],
  onRefusal: OnRefusal,
  act: (one: Overdue) => Promise<Overdue | undefined>,
) {
  const handled: Overdue[] = [];
  for (let at = 0; at < all.length; at += MAX_PARALLEL) {
    const acting = all.slice(at, at + MAX_PARALLEL).map(async (one) => {
      try {
        return (await act(one)) ?? [];
      } catch (error) {
        if (!(error instanceof EngineRefused)) throw error;
        if (!isRefusal(error, 404, 409)) onRefusal(one, error);
        return [];
      }
    });
    handled.push(...(await Promise.all(acting)).flat());
  }
  return handled;
}
