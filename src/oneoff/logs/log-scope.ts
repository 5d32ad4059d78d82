import { containerPart } from "../../app/app-name.ts";
import type { Transport } from "../../engine/transport.ts";
import { ambiguousOneoff } from "../../errors/oneoff.ts";
import { matchContainerName, oneoffName } from "../../identity/names.ts";
import { nameOf } from "../apps/find.ts";
import { findProcess } from "../apps/find-process.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { listOneoffs } from "../lookup/find-oneoff.ts";
import type { Oneoff } from "../lookup/oneoff.ts";

/** The one-offs whose log is printed. */
export interface LogScope {
  readonly app: string;
  /** Undefined for all one-offs of the app. */
  readonly one: Known | undefined;
  /** One-offs whose containers exist. */
  readonly oneoffs: readonly Oneoff[];
  /** Whether it is a process of an app: no event reports its exit. */
  readonly isProcess?: boolean;
}

export type Known = Pick<Oneoff, "id" | "app" | "name" | "containerName">;

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
  const asApp = app ?? nameOf(word ?? "");
  const entries = journal.read(app ?? (word !== undefined && mayBeOneoff(word) ? undefined : asApp));
  const oneoffs = await listOneoffs(engine, app);
  const known = [...entries.map(toKnown), ...oneoffs];
  const apps = [...new Set(known.map((one) => one.app))].sort();
  const mayBeName = word !== undefined && app === undefined && !apps.includes(asApp);
  const one =
    word === undefined ? undefined : (meantBy(word, known) ?? (mayBeName ? goneBy(word, journal) : undefined));
  const owner = one?.app ?? asApp;
  if (!one && (!apps.includes(owner) || (app !== undefined && word !== undefined))) return { apps };
  const isSelected = (oneoff: Oneoff) => (one ? oneoff.id === one.id : oneoff.app === owner);
  return { scope: { app: owner, one, oneoffs: oneoffs.filter(isSelected) }, apps };
}

/** Finds a one-off in the journal by the same rules. */
export function findJournalled(journal: Journal, word: string, app: string | undefined): Known | undefined {
  const isAnyApps = app === undefined && !mayBeOneoff(word);
  return isAnyApps ? goneBy(word, journal) : meantBy(word, journal.read(app).map(toKnown));
}

/** Finds a container's name in all journals: a name set by the user does not contain the app. @returns the latest. */
function goneBy(name: string, journal: Journal): Known | undefined {
  return journal
    .read()
    .map(toKnown)
    .findLast(({ containerName }) => containerName === name);
}

function toKnown(entry: JournalEntry): Known {
  const { containerId: id, app, name } = entry;
  const ownName = entry.event === "starting" ? entry.containerName : undefined;
  return { id, app, name, containerName: ownName ?? `${containerPart(app)}.${name}` };
}

/** Finds a process of an app by the name that `ps` prints or by its container's name. */
export async function processScope(
  engine: Transport,
  word: string,
  app: string | undefined,
): Promise<LogScope | undefined> {
  if (mayBeOneoff(word)) return undefined;
  const one = await findProcess(engine, word, { app, byContainer: true });
  return one && { app: one.app, one, oneoffs: [one], isProcess: true };
}

const ID = /^[0-9a-f]{12,64}$/;

const mayBeOneoff = (word: string) => oneoffName(word) !== undefined || ID.test(word) || /\.run\.\d+$/.test(word);

/** The latest of several one-offs with the name. @param known in order of time. */
function meantBy(word: string, known: readonly Known[]): Known | undefined {
  const name = oneoffName(word);
  const byName = matchContainerName(word, known);
  const isMatch = (one: Known) =>
    name === undefined ? byName.includes(one) || (ID.test(word) && one.id.startsWith(word)) : one.name === name;
  const [one, ...others] = new Map(known.filter(isMatch).map((one) => [one.app, one])).values();
  if (one && others.length > 0) throw ambiguousOneoff(word, [one, ...others].map((each) => each.containerName).sort());
  return one;
}
