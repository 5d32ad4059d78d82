import { containerPart } from "../../app/app-name.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { ambiguousOneoff, noSuchProcess, unknownOneoff } from "../../errors/oneoff.ts";
import { isOneoffContainerName, matchContainerName, oneoffName } from "../../identity/names.ts";
import { unqualifiedName } from "../apps/find.ts";
import { type AppProcess, matchProcess, type NamedProcess, namedProcesses } from "../apps/find-process.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { Oneoff } from "../lookup/oneoff.ts";
import { filterOf, isOfApp, type ProcessFilter, selectProcesses } from "./process-filter.ts";
import type { SwarmScope } from "./swarm/service-log-types.ts";

/** The one-offs and processes whose log is printed. */
export interface LogScope {
  readonly app: string;
  /** Undefined for the log of an app or of its processes. */
  readonly oneoff: KnownOneoff | undefined;
  /** One-offs whose containers exist. */
  readonly oneoffs: readonly Oneoff[];
  readonly processes: readonly AppProcess[];
  /** Selects processes that start later; undefined for the log of a one-off. */
  readonly filter: ProcessFilter | undefined;
  /** Whether one-offs that start later belong to the log. */
  readonly hasOneoffs: boolean;
  /** Set for an app or one-off of a Swarm, whose processes are tasks. */
  readonly swarm?: SwarmScope | undefined;
}

export type KnownOneoff = Pick<Oneoff, "id" | "app" | "name" | "containerName">;

/** What the user typed. */
export interface LogWords {
  /** A one-off, a process or an app; undefined for all of `app`. */
  readonly word: string | undefined;
  readonly app: string | undefined;
}

/** Everything that a word can name. */
export interface KnownLogs {
  readonly journal: Pick<Journal, "read">;
  readonly oneoffs: readonly Oneoff[];
  readonly containers: readonly ContainerSummary[];
  /** The app whose processes the app of oneoff.yaml copies, or the app itself. */
  processAppOf(app: string): string;
  /** Whether oneoff.yaml has the app. */
  isDescribed(app: string): boolean;
}

/** The process type of one-offs. */
const RUN = "run";

/**
 * Finds the log for a word, by engine and journal: `run.7364`, `7364`, `web.1`, `my-app.web`, a container's name or id, or
 * an app.
 * @returns for a word that matches nothing, the known apps, and the log of an app that has written nothing yet.
 * @throws OneoffError if several one-offs, processes or apps have the name.
 */
export function findLogScope(
  { word, app }: LogWords,
  known: KnownLogs,
): { readonly scope?: LogScope; readonly apps: readonly string[]; readonly idle: LogScope } {
  const asApp = app === undefined ? unqualifiedName(word ?? "") : unqualifiedName(app);
  const ofApp = app === undefined ? undefined : asApp;
  const { journal } = known;
  const entries = journal.read(ofApp ?? (word !== undefined && isOneoffWord(word) ? undefined : asApp));
  const oneoffs = known.oneoffs.filter((one) => ofApp === undefined || one.app === ofApp);
  const all = [...entries.map(toKnown), ...oneoffs];
  const apps = [...new Set(all.map((one) => one.app))].sort();
  const named = namedProcesses(known.containers);
  const mayBeName = word !== undefined && ofApp === undefined && !apps.includes(asApp);
  const oneoff =
    word === undefined
      ? undefined
      : (matchWord(word, all) ?? (mayBeName ? findByContainerName(word, journal) : undefined));
  const ofOneoff = oneoff && oneoffScope(oneoff, oneoffs);
  if (ofOneoff) return { scope: ofOneoff, apps, idle: ofOneoff };
  const scopeOf = (filter: ProcessFilter, owner: string): LogScope => {
    const hasOneoffs = filter.part === undefined || filter.part === RUN;
    return {
      app: owner,
      oneoff: undefined,
      oneoffs: hasOneoffs ? oneoffs.filter((one) => one.app === owner) : [],
      processes: selectProcesses(filter, named),
      filter,
      hasOneoffs,
    };
  };
  const typed = app ?? word ?? "";
  const ofTyped = scopeOf(filterOf(known.processAppOf(typed), undefined, named), asApp);
  const result = { apps, idle: ofTyped };
  if (ofTyped.processes.length > 0 || apps.includes(asApp)) {
    const isPart = app !== undefined && word !== undefined;
    return { ...result, scope: isPart ? partScope(ofTyped, word, scopeOf) : ofTyped };
  }
  if (word === undefined || app !== undefined || known.isDescribed(word)) return result;
  const part = matchPart(word, named, known, apps);
  return part ? { ...result, scope: scopeOf(part.filter, part.app) } : result;
}

/** @throws OneoffError if neither a process type nor a process has the name. */
function partScope(
  scope: LogScope,
  part: string,
  scopeOf: (filter: ProcessFilter, owner: string) => LogScope,
): LogScope {
  const { filter, app, processes } = scope;
  if (oneoffName(part) !== undefined || !filter) throw unknownOneoff(part, app);
  const narrowed = scopeOf({ ...filter, part }, app);
  if (narrowed.processes.length > 0 || part === RUN) return narrowed;
  throw noSuchProcess(app, part, [...new Set([RUN, ...processes.map(({ processType = "" }) => processType)])]);
}

/** Finds `web.1`, `my-app.web.1`, `my-app.web`, `my-app.run` or a container's name. */
function matchPart(word: string, named: readonly NamedProcess[], { containers }: KnownLogs, apps: readonly string[]) {
  const process = matchProcess(word, containers, { byContainer: true });
  if (process) return { app: process.app, filter: filterOf(`${process.from}:${process.app}`, process.name, named) };
  const [, owner = "", part = ""] = /^(.+)\.([^.]+)$/.exec(word) ?? [];
  const ofOwner = named.filter((one) => isOfApp(owner, one));
  const isType = ofOwner.some(({ appProcess }) => appProcess.processType === part);
  const isRun = part === RUN && (apps.includes(owner) || ofOwner.length > 0);
  return isType || isRun ? { app: unqualifiedName(owner), filter: filterOf(owner, part, named) } : undefined;
}

/** Finds a one-off in the journal by the same rules. */
export function findInJournal(journal: Journal, word: string, app: string | undefined): KnownOneoff | undefined {
  const isAnyApps = app === undefined && !isOneoffWord(word);
  return isAnyApps ? findByContainerName(word, journal) : matchWord(word, journal.read(app).map(toKnown));
}

/** Finds a container's name in all journals: a name set by the user does not contain the app. @returns the latest. */
function findByContainerName(name: string, journal: Pick<Journal, "read">): KnownOneoff | undefined {
  return journal
    .read()
    .map(toKnown)
    .findLast(({ containerName }) => containerName === name);
}

function toKnown(entry: JournalEntry): KnownOneoff {
  const { containerId: id, app, name } = entry;
  const ownName = entry.event === "starting" ? entry.containerName : undefined;
  return { id, app, name, containerName: ownName ?? `${containerPart(app)}.${name}` };
}

const ID = /^[0-9a-f]{12,64}$/;

/** Whether a word can only name a one-off. */
export const isOneoffName = (word: string) => oneoffName(word) !== undefined || isOneoffContainerName(word);

const isOneoffWord = (word: string) => isOneoffName(word) || ID.test(word);

/** The latest of several one-offs with the name. @param known in order of time. */
function matchWord(word: string, known: readonly KnownOneoff[]): KnownOneoff | undefined {
  const name = oneoffName(word);
  const byName = matchContainerName(word, known);
  const isMatch = (candidate: KnownOneoff) =>
    name === undefined
      ? byName.includes(candidate) || (ID.test(word) && candidate.id.startsWith(word))
      : candidate.name === name;
  const [oneoff, ...others] = new Map(known.filter(isMatch).map((candidate) => [candidate.app, candidate])).values();
  if (oneoff && others.length > 0)
    throw ambiguousOneoff(word, [oneoff, ...others].map((each) => each.containerName).sort());
  return oneoff;
}

/** The log of a single one-off. */
const oneoffScope = (oneoff: KnownOneoff, oneoffs: readonly Oneoff[]): LogScope => ({
  app: oneoff.app,
  oneoff,
  oneoffs: oneoffs.filter(({ id }) => id === oneoff.id),
  ...{ processes: [], filter: undefined, hasOneoffs: false },
});
