import { didYouMean } from "../../app/did-you-mean.ts";
import type { Transport } from "../../engine/transport.ts";
import { noLog, unknownOneoff } from "../../errors/oneoff.ts";
import type { Report } from "../../output/events.ts";
import { unqualifiedName } from "../apps/find.ts";
import { isIdleApp } from "../apps/idle-app.ts";
import type { ManifestFile } from "../apps/manifest-file.ts";
import type { Journal, JournalEntry } from "../journal/journal.ts";
import { findLogScope, findProcessScope, type LogScope } from "./log-scope.ts";

/** The part of a log to print. */
export interface LogSelection {
  /** The number of last lines; Infinity for all. */
  readonly count: number;
  /** ISO 8601, UTC, with milliseconds. */
  readonly since: string | undefined;
}

export interface LogRequest {
  /** A one-off or an app; undefined for all one-offs of `app`. */
  readonly word: string | undefined;
  readonly app: string | undefined;
  readonly follow: boolean;
  /** @param now the engine's time, in milliseconds since 1970. */
  select(now: number): LogSelection;
}

export interface LogRequestContext {
  readonly engine: Transport;
  readonly journal: Journal;
  readonly report: Report;
  /** The app's oneoff.yaml. */
  findManifest(): ManifestFile | undefined;
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

/** @throws OneoffError if no one-off, process or app matches. */
export async function resolveLog(context: LogRequestContext, request: LogRequest): Promise<ResolvedLog> {
  const { engine, journal } = context;
  const scope = await resolveScope(context, { ...request, app: request.app && unqualifiedName(request.app) });
  const selection = request.select(engine.clock.now() * 1000);
  const readNewEntries = journal.follow(scope.app);
  const journalled = readNewEntries().filter(({ containerId }) => !scope.oneoff || containerId === scope.oneoff.id);
  return { scope, selection, journalled, readNewEntries };
}

async function resolveScope(
  { engine, journal, report, findManifest }: LogRequestContext,
  { word, app }: Pick<LogRequest, "word" | "app">,
): Promise<LogScope> {
  const { scope, apps } = await findLogScope({ engine, journal }, word, app);
  const manifest = findManifest();
  if (scope) return scope;
  const ofProcess =
    word !== undefined && !manifest?.manifest.apps.has(word) && (await findProcessScope(engine, word, app));
  if (ofProcess) return ofProcess;
  if (word !== undefined && app !== undefined) throw unknownOneoff(word, app);
  const name = app ?? word ?? "";
  if (!(await isIdleApp(engine, name, manifest))) {
    const known = [...apps, ...journal.read().map((entry) => entry.app), ...(manifest?.manifest.apps.keys() ?? [])];
    throw noLog(name, didYouMean(name, known));
  }
  report({ type: "none-found", resource: "one-offs", app: unqualifiedName(name), states: [] });
  return { app: unqualifiedName(name), oneoff: undefined, oneoffs: [] };
}
