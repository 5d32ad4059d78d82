import { isAbsolute, posix, resolve } from "node:path";
import { badCopy, badFetch, badSecret, badUpload } from "../errors/files.ts";

/** Where what is uploaded goes, unless said otherwise. */
export const UPLOADS = "/tmp/uploads";

/** Where secrets go: a file each, of the secret's name. */
export const SECRETS = "/run/secrets";

/** A file or folder of ours that a one-off is to have. */
export interface Upload {
  /** As the user gave it; `-` is stdin. */
  readonly source: string;
  /** An absolute path of the container. */
  readonly target: string;
  /** Set where the folder of `target` was named with a slash at its end, and the file's own name was added. */
  readonly intoFolder?: true;
  /** Set where `target` is a folder that exists and stays as it is: what is in the source goes into it. */
  readonly keepsFolder?: true;
}

/** A file or folder of a one-off that we are to have. */
export interface Fetch {
  /** An absolute path of the container. */
  readonly source: string;
  /** As the user gave it. */
  readonly target: string;
}

export interface Secret {
  readonly name: string;
  /** The file that has its value; undefined for a variable of its name. */
  readonly file: string | undefined;
}

/** Whether a folder is given by what is in it: `FOLDER/.`, as docker cp has it. */
export const isContents = (source: string): boolean => /(^|\/)\.$/.test(source);

/** One side of a copy: a path of ours, or of a one-off. */
export type Place = { readonly local: string } | { readonly oneoff: string; readonly path: string };

/**
 * The last colon parts them. So a path that has a colon in it is given with one more at its end: `./a:b:`.
 * @returns undefined for the second where it was left out.
 */
function halves(text: string): [first: string, second: string | undefined] {
  const colon = text.lastIndexOf(":");
  return colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1) || undefined];
}

/**
 * `SOURCE[:TARGET]`: a target that is not absolute is below `/tmp/uploads`; one that ends in a slash is a folder to put it
 * into. Without one the file keeps its name.
 * @throws OneoffError
 */
export function parseUpload(text: string, cwd: string): Upload {
  const [source, given] = halves(text);
  if (source === "" || text.includes("\0")) throw badUpload(text);
  const name = source === "-" ? "stdin" : posix.basename(resolve(cwd, source));
  const into = given === undefined || /(^|\/)\.{0,2}$/.test(given);
  if (into && name === "") throw badUpload(text);
  const target = posix.resolve(UPLOADS, given ?? "", ...(into ? [name] : []));
  if (target === "/") throw badUpload(text);
  return { source, target, ...(into && given !== undefined && { intoFolder: true }) };
}

/** `/SOURCE[:TARGET]`: without a target it goes here, under its own name. @throws OneoffError */
export function parseFetch(text: string): Fetch {
  const [source, target = "."] = halves(text);
  if (!isAbsolute(source) || text.includes("\0")) throw badFetch(text);
  return { source, target };
}

/** `NAME`, with the value from our environment, or `NAME=@FILE`. @throws OneoffError, without what may be a value. */
export function parseSecret(text: string): Secret {
  const [, name, equals, file] = /^([A-Za-z0-9_.-]+)(=(?:@([^\0]+))?)?$/.exec(text) ?? [];
  if (name === undefined || /^\.+$/.test(name) || (equals !== undefined && file === undefined))
    throw badSecret(/^([A-Za-z0-9_.-]+)=/.exec(text)?.[1]);
  return { name, file };
}

/**
 * `ONEOFF:PATH`, or a path of ours: one that begins with `/` or `.` always is, whatever colons it has. `-` is a stream.
 * A one-off's path that is not absolute is one from its root.
 */
export function parsePlace(text: string): Place {
  const colon = text.indexOf(":");
  if (/^[/.]/.test(text) || colon < 0) return { local: text };
  const [oneoff, path] = [text.slice(0, colon), text.slice(colon + 1)];
  if (oneoff === "" || path === "" || text.includes("\0")) throw badCopy(text);
  return { oneoff, path: path.startsWith("/") ? path : `/${path}` };
}
