import { posix } from "node:path";
import dockerignore from "@balena/dockerignore";
import { badIgnorePattern } from "../../errors/image.ts";

/** The patterns of a .dockerignore. Paths are relative to the context, with slashes. */
export interface Ignored {
  /** @returns a function that detects ignored paths; create one per folder, because it caches every result. */
  matcher(): (path: string) => boolean;
  /** Whether an exception (`!`) may match in an ignored folder. */
  mayKeepWithin(folder: string): boolean;
}

/**
 * A prefix for all paths and patterns, because the library caches results in an object with properties
 * like `constructor`.
 */
const ROOT_PREFIX = "_/";

const library = () => dockerignore.default({ ignorecase: false });

/** @param file the name for errors. @throws OneoffError for an invalid pattern. */
export function parseDockerignore(text: string, file: string): Ignored {
  const patterns = library();
  const exceptions: string[] = [];
  let isEmpty = true;
  for (const [index, raw] of text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .entries()) {
    if (raw.startsWith("#") || raw.trim() === "") continue;
    const isException = raw.trim().startsWith("!");
    const trimmed = raw.trim().replace(/^!/, "").trim();
    const pattern = posix.normalize(trimmed).replace(/^\/(?=.)|(?<=.)\/$/g, "");
    if (trimmed === "" || !isPattern(pattern)) throw badIgnorePattern(`${file}:${index + 1}`, raw.trim());
    // Docker ignores these patterns too; they would match everything.
    if (pattern === "." || pattern === "/") continue;
    // Docker matches a leading `**` without a slash with any prefix.
    const dockerPattern = pattern.replace(/^\*\*(?=[^/*?[\\]+(?:\/[^/*?[\\]+)*$)/, "**/*");
    if (isException) exceptions.push(dockerPattern);
    isEmpty = false;
    patterns.add(`${isException ? "!" : ""}${ROOT_PREFIX}${escapePattern(dockerPattern)}`);
  }
  return {
    matcher() {
      // Most of the time of a walk without patterns would be spent in the library.
      if (isEmpty) return () => false;
      const rules = library().add(patterns);
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
      .add(ROOT_PREFIX + escapePattern(pattern))
      .ignores(ROOT_PREFIX);
    return true;
  } catch {
    // A range in reverse order.
    return false;
  }
}

/** Escapes characters that are special in the library but not in Docker's patterns. */
const escapePattern = (pattern: string) =>
  pattern.replace(new RegExp(`${BRACKETS}|\\\\[^]|[+()|{}^]`, "g"), (part) =>
    part.length === 1 ? `\\${part}` : /^\\\w$/.test(part) ? part.slice(1) : part,
  );

/** Whether a pattern may match a path in the folder. */
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
