import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { unknownType } from "../../errors/oneoff.ts";
import type { Shortfall } from "../apps/degraded.ts";
import { listProcesses, type Process } from "../apps/processes.ts";
import { collectFinished, type FinishedOneoff } from "../journal/finished-oneoffs.ts";
import type { Journal } from "../journal/journal.ts";
import { listOneoffs } from "./find-oneoff.ts";
import { ONEOFF_STATES, type Oneoff } from "./oneoff.ts";

/** The state is unknown if the container was removed and no journal entry has the exit. */
export const LISTED_STATES = [...ONEOFF_STATES, "unknown"] as const;
export type ListedState = (typeof LISTED_STATES)[number];

export interface ListQuery {
  /** Undefined for the one-offs of all apps. */
  readonly app: string | undefined;
  /** Selects the app's other processes: its name, or a more exact one. */
  readonly processApp: string | undefined;
  /** `run`, or a process type; undefined for all. */
  readonly type: string | undefined;
  readonly states: readonly ListedState[];
}

/** A one-off from the engine or the journal. */
export interface ListedOneoff
  extends Pick<Oneoff, "id" | "name" | "app" | "code" | "command" | "processType" | "created" | "timeout" | "retain"> {
  /** Undefined if the container was removed. */
  readonly containerName: string | undefined;
  readonly state: ListedState;
  /** Seconds since 1970; undefined if unknown. */
  readonly ended: number | undefined;
}

export interface Listing {
  readonly oneoffs: readonly ListedOneoff[];
  readonly processes: readonly Process[];
  /** Process types of a deployed app with fewer running processes than configured. */
  readonly down: readonly Shortfall[];
}

/** Lists one-offs and processes, `run.2` before `run.10`. @throws OneoffError for an unknown process type. */
export async function readListing(
  engine: Transport,
  journal: Pick<Journal, "read">,
  { app, processApp, type, states }: ListQuery,
): Promise<Listing> {
  if (app === undefined && type !== undefined && type !== "run") throw unknownType(type, app, []);
  const onlyLive = states.every((state) => state === "starting" || state === "up");
  const withOneoffs = type === undefined || type === "run";
  // Read before the engine is queried, or a one-off that is just starting seems to have exited.
  const entries = withOneoffs && !onlyLive ? journal.read(app) : [];
  const [existing, { processes, down }] = await Promise.all([
    withOneoffs ? listOneoffs(engine, app, onlyLive ? "live" : "all") : [],
    processApp === undefined || type === "run" ? { processes: [], down: [] } : listProcesses(engine, processApp),
  ]);
  const types = ["run", ...new Set(processes.map((process) => process.type).sort())];
  if (type !== undefined && !types.includes(type)) throw unknownType(type, app, types);
  const removed = collectFinished(entries, new Set(existing.map(({ id }) => id)));
  return {
    oneoffs: [...existing.map(toListed), ...removed.map(toRemoved)]
      .filter(({ state }) => states.includes(state))
      .sort((a, b) => compare(a.app, b.app) || compare(numberOf(a), numberOf(b)) || compare(a.created, b.created)),
    processes: processes
      .filter((process) => states.includes(process.state) && (type === undefined || process.type === type))
      .sort((a, b) => compare(a.type, b.type) || compare(numberOf(a), numberOf(b))),
    down: down.filter(({ processType }) => type === undefined || processType === type),
  };
}

/** Adds the exit times of kept one-offs, which no list of the engine contains. */
export async function addExitTimes(engine: Transport, listing: Listing): Promise<Listing> {
  const isKept = ({ containerName, state }: ListedOneoff) =>
    containerName !== undefined && state !== "starting" && state !== "up";
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
