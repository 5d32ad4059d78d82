import { didYouMean } from "../../app/did-you-mean.ts";
import { listContainers } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { isAmbiguous, noLog, unknownOneoff } from "../../errors/oneoff.ts";
import type { Report } from "../../output/events.ts";
import { unqualifiedName } from "../apps/find.ts";
import { namedProcesses } from "../apps/find-process.ts";
import { isIdleApp } from "../apps/idle-app.ts";
import type { ManifestFile } from "../apps/manifest-file.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { listOneoffs, oneoffsAmong } from "../lookup/find-oneoff.ts";
import { findLogScope, isOneoffName, type LogScope, type LogWords } from "./log-scope.ts";

/** The part of a log to print. */
export interface LogSelection {
  /** The number of last lines; Infinity for all. */
  readonly count: number;
  /** ISO 8601, UTC, with milliseconds. */
  readonly since: string | undefined;
  /** Like `since`. */
  readonly until?: string | undefined;
  /** Selects output by its text; undefined for all. */
  readonly matches?: ((text: string) => boolean) | undefined;
}

export interface LogRequest extends LogWords {
  readonly follow: boolean;
  /** @param now the engine's time, in milliseconds since 1970. */
  select(now: number): LogSelection;
}

export interface LogRequestContext {
  readonly engine: Transport;
  readonly journal: Journal;
  readonly report: Report;
  /** The app's oneoff.yaml. */
  findManifest(): Promise<ManifestFile | undefined>;
}

/** A request whose one-offs are known. */
export interface ResolvedLog {
  readonly scope: LogScope;
  readonly selection: LogSelection;
  /** The journal entries of the one-offs up to now. */
  readonly journalled: readonly JournalEntry[];
  /** Reads the journal entries since the last call. */
  readonly readNewEntries: () => readonly JournalEntry[];
}

/** Whether the log has the one-offs of an app, or only this one. */
const includesOneoff = ({ oneoff, hasOneoffs }: LogScope, id: string) => (oneoff ? oneoff.id === id : hasOneoffs);

/** @throws OneoffError if no one-off, process or app matches. */
export async function resolveLog(context: LogRequestContext, request: LogRequest): Promise<ResolvedLog> {
  const { engine, journal } = context;
  const scope = await resolveScope(context, request);
  const selection = request.select(engine.clock.now() * 1000);
  const readNewEntries = journal.follow(scope.app);
  const journalled = readNewEntries().filter(({ containerId }) => includesOneoff(scope, containerId));
  return { scope, selection, journalled, readNewEntries };
}

async function resolveScope(context: LogRequestContext, words: LogWords): Promise<LogScope> {
  const { engine, journal, report, findManifest } = context;
  const { word, app } = words;
  const listed = await listKnown(engine, words);
  const manifest = await findManifest();
  const found = attempt(() =>
    findLogScope(words, {
      journal,
      ...listed,
      processAppOf: (name) => manifest?.manifest.apps.get(name)?.from ?? name,
      isDescribed: (name) => manifest?.manifest.apps.has(name) ?? false,
    }),
  );
  if (mayBeOfSwarm(found)) {
    const { findSwarmScope } = await import("./swarm/swarm-scope.ts");
    const scope = await findSwarmScope(context, words, { ...listed, scope: found.value?.scope });
    if (scope) return scope;
  }
  if (!found.value) throw found.error;
  const { scope, apps, idle } = found.value;
  if (scope) return scope;
  if (word !== undefined && app !== undefined) throw unknownOneoff(word, unqualifiedName(app));
  const name = app ?? word ?? "";
  if (!(await isIdleApp(engine, name, manifest))) {
    const deployed = namedProcesses(listed.containers).map(({ appProcess }) => appProcess.app);
    const known = [
      ...apps,
      ...deployed,
      ...journal.read().map((entry) => entry.app),
      ...(manifest?.manifest.apps.keys() ?? []),
    ];
    throw noLog(name, didYouMean(name, known) ?? known.find((one) => one.startsWith(`${name}/`)));
  }
  report({ type: "none-found", resource: "processes or one-offs", app: idle.app, states: [] });
  return idle;
}

interface Attempt<T> {
  readonly value?: T;
  readonly error?: unknown;
}

function attempt<T>(work: () => T): Attempt<T> {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

/** Whether this engine has found nothing, nothing that runs, only tasks, or a one-off that is no container. */
function mayBeOfSwarm({ value, error }: Attempt<ReturnType<typeof findLogScope>>): boolean {
  if (!value) return !isAmbiguous(error);
  const { scope } = value;
  if (scope?.oneoff) return !/^[0-9a-f]{64}$/.test(scope.oneoff.id);
  return !scope || scope.processes.every(({ from }) => from === "swarm");
}

/** Lists all containers, because no filter matches the names of all deployers. For the name of a one-off, only one-offs. */
async function listKnown(engine: Transport, { word, app }: LogWords) {
  if (word !== undefined && isOneoffName(word)) {
    return { oneoffs: await listOneoffs(engine, app && unqualifiedName(app)), containers: [] };
  }
  const containers = await listContainers(engine, {});
  return { oneoffs: oneoffsAmong(containers), containers };
}
