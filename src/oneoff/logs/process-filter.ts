import { ambiguousApp } from "../../errors/apps.ts";
import type { AppProcess, NamedProcess } from "../apps/find-process.ts";

/** Selects processes of an app, also of those that start later. */
export interface ProcessFilter {
  /** Any name of the app. */
  readonly app: string;
  /** `compose:shop/web`; undefined for an app without processes so far. */
  readonly qualifiedName: string | undefined;
  /** `web` or `web.1`; undefined for all processes. */
  readonly part: string | undefined;
}

/** @throws OneoffError if several apps have the name */
export function filterOf(app: string, part: string | undefined, named: readonly NamedProcess[]): ProcessFilter {
  const matches = uniqueById(named.filter((one) => isOfApp(app, one)));
  const names = [...new Set(matches.map(({ qualifiedName }) => qualifiedName))].sort();
  const exact = names.find((name) => name === app);
  if (exact === undefined && names.length > 1) throw ambiguousApp(app, names, "logs");
  return { app, qualifiedName: exact ?? names[0], part };
}

export const selectProcesses = (filter: ProcessFilter, named: readonly NamedProcess[]): AppProcess[] =>
  uniqueById(named.filter((one) => isSelected(filter, one))).map(({ appProcess }) => appProcess);

/** Every container is an app of its own, too, but only by its qualified name: otherwise `my-app.web.1` would be one. */
export const isOfApp = (app: string, { appNames, appProcess }: Pick<NamedProcess, "appNames" | "appProcess">) =>
  appNames.includes(app) && (appProcess.from !== "container" || app.startsWith("container:"));

function isSelected({ app, qualifiedName, part }: ProcessFilter, one: NamedProcess): boolean {
  if (!isOfApp(app, one) || (qualifiedName !== undefined && qualifiedName !== one.qualifiedName)) return false;
  return part === undefined || part === one.appProcess.processType || part === one.appProcess.name;
}

/** The first of several deployers that match a container takes precedence. */
const uniqueById = (named: readonly NamedProcess[]): NamedProcess[] =>
  [...new Map(named.toReversed().map((one) => [one.appProcess.id, one])).values()].reverse();
