import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { unknownType } from "../../errors/oneoff.ts";
import { listProcesses, type Process } from "../apps/processes.ts";
import type { Shortfall } from "../apps/shortfalls.ts";
import { type FinishedOneoff, finishedOneoffs } from "../journal/finished-oneoffs.ts";
import type { Journal } from "../journal/journal.ts";
import { listOneoffs } from "./find-oneoff.ts";
import { ONEOFF_STATES, type Oneoff } from "./oneoff.ts";

/** Of one whose container has gone without anybody's noticing how it ended, nothing is known. */
export const LISTED_STATES = [...ONEOFF_STATES, "unknown"] as const;
export type ListedState = (typeof LISTED_STATES)[number];

/** What is to be listed. */
export interface Query {
  /** Undefined for the one-offs of all apps. */
  readonly app: string | undefined;
  /** What picks the app's other processes: its name, or more exact. */
  readonly picked: string | undefined;
  /** `run`, or a process type; undefined for all. */
  readonly type: string | undefined;
  readonly states: readonly ListedState[];
}

/** A one-off that the engine has, or one that the journal tells of. */
export interface ListedOneoff
  extends Pick<Oneoff, "id" | "name" | "app" | "code" | "command" | "processType" | "created" | "timeout" | "retain"> {
  /** Undefined once its container has gone. */
  readonly containerName: string | undefined;
  readonly state: ListedState;
  /** In seconds since 1970; undefined where that is not known. */
  readonly ended: number | undefined;
}

export interface Listing {
  readonly oneoffs: readonly ListedOneoff[];
  readonly processes: readonly Process[];
  /** Process types of which not all processes run, of an app that oneoff deployed. */
  readonly down: readonly Shortfall[];
}

/** What runs, numbers in order: `run.2` before `run.10`. @throws OneoffError for a type that the app has not. */
export async function list(
  engine: Transport,
  journal: Pick<Journal, "read">,
  { app, picked, type, states }: Query,
): Promise<Listing> {
  if (app === undefined && type !== undefined && type !== "run") throw unknownType(type, app, []);
  const onlyLive = states.every((state) => state === "starting" || state === "up");
  const withOneoffs = type === undefined || type === "run";
  // Before the engine is asked: one that is just beginning would seem to be over.
  const entries = withOneoffs && !onlyLive ? journal.read(app) : [];
  const [there, { processes, down }] = await Promise.all([
    withOneoffs ? listOneoffs(engine, app, onlyLive ? "live" : "all") : [],
    picked === undefined || type === "run" ? { processes: [], down: [] } : listProcesses(engine, picked),
  ]);
  const types = ["run", ...new Set(processes.map((process) => process.type).sort())];
  if (type !== undefined && !types.includes(type)) throw unknownType(type, app, types);
  const gone = finishedOneoffs(entries, new Set(there.map(({ id }) => id)));
  return {
    oneoffs: [...there.map(toListed), ...gone.map(toGone)]
      .filter(({ state }) => states.includes(state))
      .sort((a, b) => order(a.app, b.app) || order(numberOf(a), numberOf(b)) || order(a.created, b.created)),
    processes: processes
      .filter((process) => states.includes(process.state) && (type === undefined || process.type === type))
      .sort((a, b) => order(a.type, b.type) || order(numberOf(a), numberOf(b))),
    down: down.filter((one) => type === undefined || one.processType === type),
  };
}

/** With the ends of one-offs whose containers are kept: no list of the engine has them. */
export async function withEnds(engine: Transport, listing: Listing): Promise<Listing> {
  const isKept = ({ containerName, state }: ListedOneoff) =>
    containerName !== undefined && state !== "starting" && state !== "up";
  const oneoffs = await Promise.all(
    listing.oneoffs.map(async (one) => (isKept(one) ? { ...one, ended: await endOf(engine, one.id) } : one)),
  );
  return { ...listing, oneoffs };
}

/** @returns undefined for a container that has just been removed, or has no end. */
async function endOf(engine: Transport, id: string): Promise<number | undefined> {
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

const toGone = ({ started, ...finished }: FinishedOneoff): ListedOneoff => ({
  ...finished,
  created: started,
  ...{ containerName: undefined, timeout: undefined, retain: undefined },
});

const numberOf = ({ name }: { readonly name: string }) => Number(/\d+$/.exec(name)?.[0]);

const order = <T extends string | number>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);
