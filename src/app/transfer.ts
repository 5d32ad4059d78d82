import { isAbsolute, posix, resolve } from "node:path";
import { badCopy, badFetch, badSecret, badUpload } from "../errors/files.ts";

/** Default target of uploads. */
export const UPLOADS = "/tmp/uploads";

/** Folder of secrets: one file per secret, with its name. */
export const SECRETS = "/run/secrets";

/** A local file or folder to upload to a one-off. */
export interface Upload {
  /** As typed; `-` is stdin. */
  readonly source: string;
  /** An absolute path of the container. */
  readonly target: string;
  /** Set if the target ended in a slash, so that the name of the file was appended. */
  readonly intoFolder?: true;
  /** Set if `target` is an existing folder that receives the content of the source. */
  readonly keepsFolder?: true;
}

/** A file or folder to download from a one-off. */
export interface Fetch {
  /** An absolute path of the container. */
  readonly source: string;
  /** As typed. */
  readonly target: string;
}

export interface Secret {
  readonly name: string;
  /** The file with the value; undefined for the environment variable of the same name. */
  readonly file: string | undefined;
}

/** Whether the path means the content of a folder: `FOLDER/.`, as in `docker cp`. */
export const isContents = (source: string): boolean => /(^|\/)\.$/.test(source);

/** One side of a copy: a local path, or a path in a one-off. */
export type Place = { readonly local: string } | { readonly oneoff: string; readonly path: string };

/**
 * Splits at the last colon. A path that contains a colon needs one more at its end: `./a:b:`.
 * @returns undefined for a missing second part.
 */
function halves(text: string): [first: string, second: string | undefined] {
  const colon = text.lastIndexOf(":");
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1) || undefined];
}

/**
 * Parses `SOURCE[:TARGET]`. A relative target is below `/tmp/uploads`; a target that ends in a slash is a folder.
 * Without a target the file keeps its name.
 * @throws OneoffError
 */
export function parseUpload(text: string, cwd: string): Upload {
  const [source, targetText] = halves(text);
  if (source === "" || text.includes("\0")) throw badUpload(text);
  const name = source === "-" ? "stdin" : posix.basename(resolve(cwd, source));
  const into = targetText === undefined || /(^|\/)\.{0,2}$/.test(targetText);
  if (into && name === "") throw badUpload(text);
  const target = posix.resolve(UPLOADS, targetText ?? "", ...(into ? [name] : []));
  if (target === "/") throw badUpload(text);
  return { source, target, ...(into && targetText !== undefined && { intoFolder: true }) };
}

/** Parses `/SOURCE[:TARGET]`; without a target the file keeps its name. @throws OneoffError */
export function parseFetch(text: string): Fetch {
  const [source, target = "."] = halves(text);
  if (!isAbsolute(source) || text.includes("\0")) throw badFetch(text);
  return { source, target };
}

/** Parses `NAME` (an environment variable) or `NAME=@FILE`. @throws OneoffError without the value */
export function parseSecret(text: string): Secret {
  const [, name, equals, file] = /^([A-Za-z0-9_.-]+)(=(?:@([^\0]+))?)?$/.exec(text) ?? [];
  if (name === undefined || /^\.+$/.test(name) || (equals !== undefined && file === undefined))
    throw badSecret(/^([A-Za-z0-9_.-]+)=/.exec(text)?.[1]);
  return { name, file };
}

/**
 * Parses `ONEOFF:PATH` or a local path. A path that begins with `/` or `.` is always local. `-` is a stream.
 * A relative path of a one-off starts at the root.
 */
export function parsePlace(text: string): Place {
  const colon = text.indexOf(":");
  if (/^[/.]/.test(text) || colon < 0) return { local: text };
  const [oneoff, path] = [text.slice(0, colon), text.slice(colon + 1)];
  if (oneoff === "" || path === "" || text.includes("\0")) throw badCopy(text);
  return { oneoff, path: path.startsWith("/") ? path : `/${path}` };
}
