import { containerPart } from "../../app/app-name.ts";
import type { Transport } from "../../engine/transport.ts";
import { ambiguousOneoff } from "../../errors/oneoff.ts";
import { named, oneoffName } from "../../identity/names.ts";
import { nameOf } from "../apps/find.ts";
import { findProcess } from "../apps/find-process.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { listOneoffs } from "../lookup/find-oneoff.ts";
import type { Oneoff } from "../lookup/oneoff.ts";

/** Whose log is meant, and those of them whose containers the engine has. */
export interface LogScope {
  readonly app: string;
  /** Undefined where all of the app's one-offs are meant. */
  readonly one: Known | undefined;
  readonly oneoffs: readonly Oneoff[];
  /** Whether `one` is an app's process: no event tells of its end. */
  readonly isProcess?: boolean;
}

export type Known = Pick<Oneoff, "id" | "app" | "name" | "containerName">;

/**
 * What a word means, of all that the engine or the journal knows: `run.7364`, `7364`, a container's name or id, or an app.
 * @param word undefined for all of the app's.
 * @returns also what else is known, where it means nothing.
 * @throws OneoffError for a name that one-offs of several apps have.
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
  const whose = one?.app ?? asApp;
  if (!one && (!apps.includes(whose) || (app !== undefined && word !== undefined))) return { apps };
  const isMeant = (oneoff: Oneoff) => (one ? oneoff.id === one.id : oneoff.app === whose);
  return { scope: { app: whose, one, oneoffs: oneoffs.filter(isMeant) }, apps };
}

/** What a word means of all that the journal knows, by the same rules. */
export function findJournalled(journal: Journal, word: string, app: string | undefined): Known | undefined {
  const isAnyApps = app === undefined && !mayBeOneoff(word);
  return isAnyApps ? goneBy(word, journal) : meantBy(word, journal.read(app).map(toKnown));
}

/** In any app's journal: a name that the user gave does not say whose it is. @returns the latest that had it. */
function goneBy(name: string, journal: Journal): Known | undefined {
  return journal
    .read()
    .map(toKnown)
    .findLast(({ containerName }) => containerName === name);
}

function toKnown(entry: JournalEntry): Known {
  const { containerId: id, app, name } = entry;
  const given = entry.event === "starting" ? entry.containerName : undefined;
  return { id, app, name, containerName: given ?? `${containerPart(app)}.${name}` };
}

/** The log of an app's process, by the name that `ps` prints or by its container's. */
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

/** Of those that had the same name one after another, the last. @param known the latest last. */
function meantBy(word: string, known: readonly Known[]): Known | undefined {
  const name = oneoffName(word);
  const byName = named(word, known);
  const isMeant = (one: Known) =>
    name === undefined ? byName.includes(one) || (ID.test(word) && one.id.startsWith(word)) : one.name === name;
  const [one, ...others] = new Map(known.filter(isMeant).map((one) => [one.app, one])).values();
  if (one && others.length > 0) throw ambiguousOneoff(word, [one, ...others].map((each) => each.containerName).sort());
  return one;
}
