import { posix } from "node:path";
import { badAppJsonPath } from "../errors/app.ts";

/** Properties of an app, or of all apps. */
export const PROPERTIES = ["appjson-path"] as const;

/** Values by property. Properties of later versions are kept. */
export type Scope = ReadonlyMap<string, string>;

export interface Properties {
  /** Used if an app has no value of its own. */
  readonly global: Scope;
  readonly apps: ReadonlyMap<string, Scope>;
}

export const noProperties: Properties = { global: new Map(), apps: new Map() };

/** The path of app.json, relative to the build context or the image's WORKDIR. */
export interface AppJsonPath {
  /** The value of the app. */
  readonly app: string | undefined;
  readonly global: string | undefined;
  /** The value in use. */
  readonly computed: string;
}

export const DEFAULT_APP_JSON = "app.json";

/** @param app undefined for the global value. */
export function appJsonPath({ global, apps }: Properties, app: string | undefined): AppJsonPath {
  const ofApp = app === undefined ? undefined : apps.get(app)?.get("appjson-path");
  const ofAll = global.get("appjson-path");
  return { app: ofApp, global: ofAll, computed: ofApp ?? ofAll ?? DEFAULT_APP_JSON };
}

/** @param app undefined for all apps. @param value undefined to remove the property. */
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

/** In characters: PATH_MAX of Linux. */
const maxPath = 4096;

/** Whether the path stays below its base folder. */
export const isInside = (path: string) =>
  path.length <= maxPath &&
  path.trim() !== "" &&
  !/[\x00-\x1f\x7f]/.test(path) &&
  !posix.isAbsolute(path) &&
  !/^\.{1,2}(?:\/|$)/.test(posix.normalize(path));

/** @returns a relative path without a `/` at either end. @throws `bad-appjson-path` */
export function parseAppJsonPath(text: string): string {
  const path = text.replace(/^\/+/, "").replace(/(?<!\/)\/+$/, "");
  if (!isInside(path)) throw badAppJsonPath(text);
  return path;
}
