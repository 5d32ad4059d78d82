import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import { unknownType } from "../../errors/oneoff.ts";
import { listProcesses } from "../apps/processes.ts";
import { collectFinished, type FinishedOneoff } from "../journal/finished-oneoffs.ts";
import type { Journal } from "../journal/journal.ts";
import { listOneoffs, oneoffsAmong } from "./find-oneoff.ts";
import type { ListedOneoff, ListedProcess, ListedState, Listing, ListQuery } from "./listed.ts";
import type { Oneoff } from "./oneoff.ts";

/**
 * Lists one-offs and processes, `run.2` before `run.10`.
 * @param listAll lists all containers of oneoff. A caller that needs them anyway saves the request for one-offs, and may
 * spend it on the services of a Swarm: they are read, too.
 * @throws OneoffError for an unknown process type.
 */
export async function readListing(
  engine: Transport,
  journal: Pick<Journal, "read">,
  query: ListQuery,
  listAll?: () => Promise<readonly ContainerSummary[]>,
): Promise<Listing> {
  const { app, processApp, type, states } = query;
  if (app === undefined && type !== undefined && type !== "run") throw unknownType(type, app, []);
  const onlyLive = states.every((state) => state === "starting" || state === "up");
  const withOneoffs = type === undefined || type === "run";
  // Read before the engine is queried, or a one-off that is just starting seems to have exited.
  const entries = withOneoffs && !onlyLive ? journal.read(app) : [];
  const existingOneoffs = async () =>
    listAll
      ? oneoffsAmong(await listAll()).filter((one) => app === undefined || one.app === app)
      : listOneoffs(engine, app, onlyLive ? "live" : "all");
  const [local, found] = await Promise.all([
    withOneoffs ? existingOneoffs() : [],
    processApp === undefined || type === "run"
      ? { processes: [], down: [], from: undefined, services: [] }
      : listProcesses(engine, processApp),
  ]);
  const { services } = found;
  const swarm =
    services.length > 0 || (listAll && withOneoffs && found.from === undefined)
      ? await (await import("../swarm/tasks/list-services.ts")).listServiceTasks(engine, query, {
          services,
          withOneoffs,
        })
      : undefined;
  const isLocal = (one: ListedOneoff) => local.some(({ app, name }) => app === one.app && name === one.name);
  const existing = [...local.map(toListed), ...(swarm?.oneoffs ?? []).filter((one) => !isLocal(one))];
  const processes: readonly ListedProcess[] = services.length > 0 ? (swarm?.processes ?? []) : found.processes;
  const types = ["run", ...new Set(processes.map((process) => process.type).sort())];
  if (type !== undefined && !types.includes(type)) throw unknownType(type, app, types);
  const removed = collectFinished(entries, new Set(existing.map(({ id }) => id)));
  // A task that failed, and was not replaced, is what a service runs.
  const current: readonly ListedState[] = states.join() === "starting,up" ? ["crashed", "unknown"] : [];
  return {
    oneoffs: [...existing, ...removed.map(toRemoved)]
      .filter(({ state }) => states.includes(state))
      .sort((a, b) => compare(a.app, b.app) || compare(numberOf(a), numberOf(b)) || compare(a.created, b.created)),
    processes: processes
      .filter(({ state, task }) => states.includes(state) || (task && current.includes(state)))
      .filter((process) => type === undefined || process.type === type)
      .sort((a, b) => compare(a.type, b.type) || compare(numberOf(a), numberOf(b))),
    down: found.down.filter(({ processType }) => type === undefined || processType === type),
    isService: services.length > 0,
    hasTasks: swarm !== undefined,
    isPartial: found.from === "swarm" && services.length === 0,
  };
}

/** Adds the exit times of kept one-offs, which no list of the engine contains. */
export async function addExitTimes(engine: Transport, listing: Listing): Promise<Listing> {
  const isKept = ({ containerName, state, task }: ListedOneoff) =>
    containerName !== undefined && !task && state !== "starting" && state !== "up";
  const oneoffs = await Promise.all(
    listing.oneoffs.map(async (oneoff) =>
      isKept(oneoff) ? { ...oneoff, ended: await readExitTime(engine, oneoff.id) } : oneoff,
    ),
  );
  return { ...listing, oneoffs };
}

/** @returns undefined for a container that was just removed or has not exited. */
async function readExitTime(engine: Transport, id: string): Promise<number | undefined> {
  try {
    const { FinishedAt = "" } = (await inspectContainer(engine, id)).State;
    const ended = Date.parse(FinishedAt) / 1000;
    return ended > 0 ? ended : undefined;
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

const toListed = (oneoff: Oneoff): ListedOneoff => ({ ...oneoff, ended: undefined });

const toRemoved = ({ started, ...finished }: FinishedOneoff): ListedOneoff => ({
  ...finished,
  created: started,
  ...{ containerName: undefined, timeout: undefined, retain: undefined },
});

const numberOf = ({ name }: { readonly name: string }) => Number(/\d+$/.exec(name)?.[0]);

const compare = <T extends string | number>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);
