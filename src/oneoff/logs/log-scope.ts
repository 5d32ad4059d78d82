import { containerPart } from "../../app/app-name.ts";
import type { Transport } from "../../engine/transport.ts";
import { ambiguousOneoff } from "../../errors/oneoff.ts";
import { isOneoffContainerName, matchContainerName, oneoffName } from "../../identity/names.ts";
import { unqualifiedName } from "../apps/find.ts";
import { findProcess } from "../apps/find-process.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { listOneoffs } from "../lookup/find-oneoff.ts";
import type { Oneoff } from "../lookup/oneoff.ts";

/** The one-offs whose log is printed. */
export interface LogScope {
  readonly app: string;
  /** Undefined for all one-offs of the app. */
  readonly oneoff: KnownOneoff | undefined;
  /** One-offs whose containers exist. */
  readonly oneoffs: readonly Oneoff[];
  /** Whether it is a process of an app: no event reports its exit. */
  readonly isProcess?: boolean;
}

export type KnownOneoff = Pick<Oneoff, "id" | "app" | "name" | "containerName">;

/**
 * Finds the one-offs for a word, by engine and journal: `run.7364`, `7364`, a container's name or id, or an app.
 * @param word undefined for all one-offs of the app.
 * @returns the known apps too, for a word that matches nothing.
 * @throws OneoffError if one-offs of several apps have the name.
 */
export async function findLogScope(
  { engine, journal }: { readonly engine: Transport; readonly journal: Journal },
  word: string | undefined,
  app: string | undefined,
): Promise<{ readonly scope?: LogScope; readonly apps: readonly string[] }> {
  const asApp = app ?? unqualifiedName(word ?? "");
  const entries = journal.read(app ?? (word !== undefined && isOneoffWord(word) ? undefined : asApp));
  const oneoffs = await listOneoffs(engine, app);
  const known = [...entries.map(toKnown), ...oneoffs];
  const apps = [...new Set(known.map(({ app }) => app))].sort();
  const mayBeName = word !== undefined && app === undefined && !apps.includes(asApp);
  const oneoff =
    word === undefined
      ? undefined
      : (matchWord(word, known) ?? (mayBeName ? findByContainerName(word, journal) : undefined));
  const owner = oneoff?.app ?? asApp;
  if (!oneoff && (!apps.includes(owner) || (app !== undefined && word !== undefined))) return { apps };
  const isSelected = (other: Oneoff) => (oneoff ? other.id === oneoff.id : other.app === owner);
  return { scope: { app: owner, oneoff, oneoffs: oneoffs.filter(isSelected) }, apps };
}

/** Finds a one-off in the journal by the same rules. */
export function findInJournal(journal: Journal, word: string, app: string | undefined): KnownOneoff | undefined {
  const isAnyApps = app === undefined && !isOneoffWord(word);
  return isAnyApps ? findByContainerName(word, journal) : matchWord(word, journal.read(app).map(toKnown));
}

/** Finds a container's name in all journals: a name set by the user does not contain the app. @returns the latest. */
function findByContainerName(name: string, journal: Journal): KnownOneoff | undefined {
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

/** Finds a process of an app by the name that `ps` prints or by its container's name. */
export async function findProcessScope(
  engine: Transport,
  word: string,
  app: string | undefined,
): Promise<LogScope | undefined> {
  if (isOneoffWord(word)) return undefined;
  const oneoff = await findProcess(engine, word, { app, byContainer: true });
  return oneoff && { app: oneoff.app, oneoff, oneoffs: [oneoff], isProcess: true };
}

const ID = /^[0-9a-f]{12,64}$/;

const isOneoffWord = (word: string) => oneoffName(word) !== undefined || ID.test(word) || isOneoffContainerName(word);

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
