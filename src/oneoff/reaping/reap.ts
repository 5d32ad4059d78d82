import {
  inspectContainer,
  killContainer,
  removeContainer,
  renameContainer,
  stopContainer,
} from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { EngineRefused, isRefusal } from "../../errors/engine.ts";
import { excludeCopies } from "../../identity/copies.ts";
import { LABEL } from "../../identity/labels.ts";
import { detachedName } from "../../identity/names.ts";
import { listOwn } from "../../identity/ownership.ts";
import { type Journal, recordOf } from "../journal/journal.ts";
import { findLeftVolumes, removeLeftVolumes } from "./left-volumes.ts";
import type { Owner } from "./owner.ts";
import { hasPassed, type Overdue, overdue } from "./reaping.ts";
import { clockOf } from "./staleness.ts";

/** How many the engine is asked about at the same time. */
const AT_ONCE = 16;

/** What the engine refuses, but for what somebody else has removed meanwhile or is just removing: that is well. */
type OnRefusal = (overdue: Overdue, error: EngineRefused) => void;

type Judge = Pick<Owner, "isAlive">;

/** What is overdue, and surely so: one request, and two more for each whose time seems to have come. */
export async function findOverdue(engine: Transport, judge: Judge, explicit: boolean, onRefusal: OnRefusal) {
  const containers = await listOwn(engine, { label: [LABEL.kind] });
  const clock = clockOf(engine, judge);
  const likely = overdue(containers, clock, explicit);
  const ids = new Set(likely.map(({ container }) => container.id));
  const sure = await excludeCopies(
    engine,
    containers.filter(({ Id }) => ids.has(Id)),
  );
  const sureIds = new Set(sure.map(({ Id }) => Id));
  const meant = likely.filter(({ container }) => sureIds.has(container.id));
  return await those(meant, onRefusal, async (one) => {
    const { id, retain = 0, timeout = 0 } = one.container;
    if (one.reason !== "expired" && one.reason !== "deadline") return one;
    const {
      StartedAt = "",
      FinishedAt: time = "",
      OOMKilled: oom = false,
    } = (await inspectContainer(engine, id)).State;
    if (one.reason === "deadline") return hasPassed(StartedAt, timeout, clock) ? one : undefined;
    return hasPassed(time, retain, clock) ? { ...one, end: { time, oom } } : undefined;
  });
}

export interface ReapContext {
  readonly engine: Transport;
  readonly journal: Journal;
}

/** @returns what was done. */
export async function reap({ engine, journal }: ReapContext, found: readonly Overdue[], onRefusal: OnRefusal) {
  let told: Set<string> | undefined;
  const isTold = (id: string) => {
    told ??= new Set(journal.read().flatMap(({ event, containerId }) => (event === "exited" ? containerId : [])));
    return told.has(id);
  };
  return await those(found, onRefusal, async (one) => {
    const { action, container, end } = one;
    const { id, code, containerName } = container;
    if (action === "stop") {
      recordOf(journal, container).stopping("SIGTERM");
      await stopContainer(engine, id);
    } else if (action === "remove") {
      // If whoever waited for it has not told, nobody else knows of it, and the engine not any more.
      if (code !== undefined && !isTold(id)) recordOf(journal, container).exited(code, end);
      // What was judged to be over is spared if it runs after all.
      await removeContainer(engine, id, "spare");
    } else {
      await killContainer(engine, id, "SIGHUP");
      // Told once: whether it heeds that or not, it has been left from now on.
      await renameContainer(engine, id, detachedName(containerName));
    }
    return one;
  });
}

/**
 * Reaps a few of what is overdue while something else is done. Nobody hears of it, and nobody need wait for it: what the
 * engine has not been asked when its connections are closed is left for the next time.
 */
export async function reapInPassing(context: ReapContext, judge: Judge): Promise<void> {
  const ignore = () => {};
  try {
    const found = await findOverdue(context.engine, judge, false, ignore);
    await reap(context, found.slice(0, AT_ONCE), ignore);
    await removeLeftVolumes(context.engine, (await findLeftVolumes(context.engine)).slice(0, AT_ONCE));
  } catch {
    // Whoever passes has other things to do.
  }
}

/** What becomes of each, a few at a time, without those of which nothing does. */
async function those(
  all: readonly Overdue[],
  onRefusal: OnRefusal,
  act: (one: Overdue) => Promise<Overdue | undefined>,
) {
  const found: Overdue[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const judging = all.slice(at, at + AT_ONCE).map(async (one) => {
      try {
        return (await act(one)) ?? [];
      } catch (error) {
        if (!(error instanceof EngineRefused)) throw error;
        if (!isRefusal(error, 404, 409)) onRefusal(one, error);
        return [];
      }
    });
    found.push(...(await Promise.all(judging)).flat());
  }
  return found;
}
