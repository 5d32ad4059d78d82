import { posix } from "node:path";
import { badAppJsonPath } from "../errors/app.ts";

/** What can be set of an app, or of all. */
export const PROPERTIES = ["appjson-path"] as const;

/** What is set, by property. Those that only a later oneoff knows are kept. */
export type Scope = ReadonlyMap<string, string>;

export interface Properties {
  /** What counts where an app has nothing of its own. */
  readonly global: Scope;
  readonly apps: ReadonlyMap<string, Scope>;
}

export const noProperties: Properties = { global: new Map(), apps: new Map() };

/** Where an app.json is looked for, relative to the source or the image's WORKDIR. */
export interface AppJsonPath {
  /** What is set of the app. */
  readonly app: string | undefined;
  readonly global: string | undefined;
  /** What counts. */
  readonly computed: string;
}

export const DEFAULT_APP_JSON = "app.json";

/** @param app undefined for what counts for all. */
export function appJsonPath({ global, apps }: Properties, app: string | undefined): AppJsonPath {
  const ofApp = app === undefined ? undefined : apps.get(app)?.get("appjson-path");
  const ofAll = global.get("appjson-path");
  return { app: ofApp, global: ofAll, computed: ofApp ?? ofAll ?? DEFAULT_APP_JSON };
}

/** @param app undefined for all. @param value undefined to take it away. */
export function withProperty(
  { global, apps }: Properties,
  app: string | undefined,
  property: string,
  value: string | undefined,
): Properties {
  const scope = new Map(app === undefined ? global : apps.get(app));
  if (value === undefined) scope.delete(property);
  else scope.set(property, value);
  if (app === undefined) return { global: scope, apps };
  const others = new Map(apps);
  if (scope.size === 0) others.delete(app);
  else others.set(app, scope);
  return { global, apps: others };
}

/** In characters: no system takes a longer one. */
const maxPath = 4096;

/** Whether it names something below the folder that it is relative to. */
export const isInside = (path: string) =>
  path.length <= maxPath &&
  path.trim() !== "" &&
  !/[\x00-\x1f\x7f]/.test(path) &&
  !posix.isAbsolute(path) &&
  !/^\.{1,2}(?:\/|$)/.test(posix.normalize(path));

/** @returns a path that is never absolute: without a `/` at either end. @throws `bad-appjson-path` */
export function parseAppJsonPath(given: string): string {
  const path = given.replace(/^\/+/, "").replace(/(?<!\/)\/+$/, "");
  if (!isInside(path)) throw badAppJsonPath(given);
  return path;
}
