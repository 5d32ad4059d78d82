import { posix } from "node:path";

/** The place of oneoff.yaml. */
export interface InitPlace {
  readonly folder: string;
  /** The home directory, if it is known. */
  readonly home: string | undefined;
  exists(path: string): boolean;
}

/** `./config`, `../config` or `~/config`; absolute for other paths. */
export function pathFrom({ folder, home }: InitPlace, path: string): string {
  if (path === folder) return ".";
  if (path.startsWith(`${folder}/`)) return `./${path.slice(folder.length + 1)}`;
  const parent = posix.dirname(folder);
  if (parent !== "/" && path.startsWith(`${parent}/`)) return `../${path.slice(parent.length + 1)}`;
  return home && path.startsWith(`${home}/`) ? `~/${path.slice(home.length + 1)}` : path;
}

/** A text that oneoff.yaml does not interpolate. */
export const withoutVariables = (text: string): string => text.replaceAll("$", "$$$$");
