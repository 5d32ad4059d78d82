import { posix } from "node:path";
import dockerignore from "@balena/dockerignore";
import { badIgnorePattern } from "../../errors/image.ts";

/** What a .dockerignore keeps out of a build. Paths are relative to the context, with slashes. */
export interface Ignored {
  /** @returns whether a path is ignored; to be asked for anew for each folder, as it remembers every answer. */
  matcher(): (path: string) => boolean;
  /** Whether an exception (`!`) may bring something back of an ignored folder. */
  mayKeepWithin(folder: string): boolean;
}

/**
 * The library has its answers in an object that has `constructor` and the like from its birth, so nothing is asked for by
 * a bare name: everything is put into a folder, the rules as well.
 */
const ROOT_PREFIX = "_/";

const library = () => dockerignore.default({ ignorecase: false });

/** @param file its name, for errors. @throws OneoffError for a pattern that is none. */
export function parseDockerignore(text: string, file: string): Ignored {
  const all = library();
  const exceptions: string[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    if (raw.startsWith("#") || raw.trim() === "") continue;
    const isException = raw.trim().startsWith("!");
    const written = raw.trim().replace(/^!/, "").trim();
    const pattern = posix.normalize(written).replace(/^\/(?=.)|(?<=.)\/$/g, "");
    if (written === "" || !isPattern(pattern)) throw badIgnorePattern(`${file}:${index + 1}`, raw.trim());
    // For docker, too, these are nothing: they would be all there is.
    if (pattern === "." || pattern === "/") continue;
    // Without a slash after it, docker takes a leading `**` for any beginning at all.
    const asTaken = pattern.replace(/^\*\*(?=[^/*?[\\]+(?:\/[^/*?[\\]+)*$)/, "**/*");
    if (isException) exceptions.push(asTaken);
    all.add(`${isException ? "!" : ""}${ROOT_PREFIX}${literal(asTaken)}`);
  }
  return {
    matcher() {
      const rules = library().add(all);
      return (path) => rules.ignores(ROOT_PREFIX + path);
    },
    mayKeepWithin: (folder) => exceptions.some((pattern) => reachesInto(pattern, folder)),
  };
}

const BRACKETS = "\\[\\^?(?:\\\\[^]|[^\\]\\\\])+\\]";

function isPattern(pattern: string): boolean {
  if (/[[\\]/.test(pattern.replace(new RegExp(`${BRACKETS}|\\\\[^]`, "g"), ""))) return false;
  try {
    library()
      .add(ROOT_PREFIX + literal(pattern))
      .ignores(ROOT_PREFIX);
    return true;
  } catch {
    // A range that ends before it begins.
    return false;
  }
}

/** What means something to the library, but nothing in a pattern. */
const literal = (pattern: string) =>
  pattern.replace(new RegExp(`${BRACKETS}|\\\\[^]|[+()|{}^]`, "g"), (part) =>
    part.length === 1 ? `\\${part}` : /^\\\w$/.test(part) ? part.slice(1) : part,
  );

/** Whether a pattern may match something further in than the folder. */
function reachesInto(pattern: string, folder: string): boolean {
  const parts = pattern.split("/");
  for (const [index, name] of folder.split("/").entries()) {
    const part = parts[index];
    if (part === undefined) return false;
    if (part.includes("**")) return true;
    if (!/[*?[\\]/.test(part) && part !== name) return false;
  }
  return parts.length > folder.split("/").length;
}
