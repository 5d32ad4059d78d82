import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { decodeText } from "../../app/text.ts";
import type { Builder } from "../../engine/build.ts";
import { SESSION_DOCKERFILE, type SessionFiles } from "../../engine/build-session.ts";
import { warning } from "../../errors/error.ts";
import { noLocalFolder, unreadable } from "../../errors/files.ts";
import { noDockerfile } from "../../errors/image.ts";
import type { LocalFile } from "../../oneoff/files/local-tree.ts";
import type { Report } from "../../output/events.ts";
import { packTar, type TarItem } from "../../streams/pack-tar.ts";
import { decodePath, fsPath } from "../../streams/path-bytes.ts";
import { readWhole } from "../../streams/read-whole.ts";
import { contextFiles } from "./context-files.ts";
import { contextHeader, contextItem, SCRATCH_BYTES, textItem } from "./context-items.ts";
import { type Ignored, parseDockerignore } from "./dockerignore.ts";

/** A build context. */
export interface Source {
  /** Path in the context. */
  readonly dockerfile: string;
  /** Path for messages. */
  readonly dockerfilePath: string;
  readonly dockerfileText: string;
  /** The context as a tar stream in constant memory; may be called again. Reports progress. */
  context(builder: Builder, report: Report): AsyncGenerator<Buffer>;
  /** Whether the Dockerfile is not part of the context, so that an archive would add it to `COPY .`. */
  readonly isHidden: boolean;
  /** Whether a session is faster than an archive, and needs little memory: it keeps each file until BuildKit requests it. */
  isBulky(): boolean;
  /** The context by file, for a BuildKit session. */
  sessionFiles(report: Report): SessionFiles;
}

const DOCKERIGNORE = ".dockerignore";

/** A smaller context is sent before a session is open. */
const BULKY_BYTES = 16_000_000;
const MAX_BULKY_FILES = 5_000;

/**
 * @param folder absolute.
 * @param file the Dockerfile, absolute or relative to the folder; may be outside it.
 * @throws OneoffError if the folder or Dockerfile does not exist, or the .dockerignore is invalid.
 */
export function openSource(folder: string, file = "Dockerfile"): Source {
  const root = findRealPath(folder) ?? raise(noLocalFolder(folder));
  const dockerfilePath = resolve(folder, file);
  const path = findRealPath(dockerfilePath) ?? raise(noDockerfile(dockerfilePath));
  const bytes = readBytes(path);
  const within = relative(root, path).split(sep).join("/");
  const isOutside = within.startsWith("../");
  const ownIgnoreFile = `${path}${DOCKERIGNORE}`;
  const ignoreFile = [ownIgnoreFile, resolve(root, DOCKERIGNORE)].find(
    (candidate) => findRealPath(candidate) !== undefined,
  );
  const ignored = parseDockerignore(
    ignoreFile ? decodeText(readBytes(ignoreFile), ignoreFile) : "",
    ignoreFile ?? DOCKERIGNORE,
  );
  // Derived from the content, so that the context is the same for the build cache.
  const dockerfile = isOutside
    ? `.dockerfile.${createHash("sha256").update(bytes).digest("hex").slice(0, 20)}`
    : within;
  const isHidden = isOutside || ignored.matcher()(dockerfile);
  /** The engine removes files that a .dockerignore in the context matches. */
  const hidesItself = isHidden && !isOutside && ignoreFile !== ownIgnoreFile && !ignored.matcher()(DOCKERIGNORE);
  return {
    dockerfile,
    dockerfilePath,
    dockerfileText: decodeText(bytes, dockerfilePath),
    isHidden,
    isBulky: () => isBulky(contextFiles(root, ignored, () => {})),
    sessionFiles: (report) => sessionFiles(root, ignored, bytes, report),
    context(builder, report) {
      const extras = isHidden ? [textItem(dockerfile, bytes)] : [];
      const isReplaced = builder === "classic" && isHidden && !hidesItself;
      if (isReplaced) extras.push(textItem(DOCKERIGNORE, ignorePatterns(DOCKERIGNORE, dockerfile)));
      return packContext(root, isReplaced ? alsoIgnore(ignored, DOCKERIGNORE) : ignored, extras, report);
    },
  };
}

function isBulky(files: Iterable<LocalFile>): boolean {
  let [count, bytes] = [0, 0];
  for (const { size } of files) {
    count += 1;
    bytes += size;
    if (count > MAX_BULKY_FILES) return false;
  }
  return bytes >= BULKY_BYTES;
}

function sessionFiles(root: string, ignored: Ignored, bytes: Buffer, report: Report): SessionFiles {
  const progress = { type: "progress", operation: "context", total: undefined } as const;
  let done = 0;
  return {
    dockerfile: {
      header: textItem(SESSION_DOCKERFILE, bytes).header,
      open: () => textItem(SESSION_DOCKERFILE, bytes),
    },
    *context(only?: string) {
      const matched = only === undefined ? ignored : ignoreAllBut(ignored, only);
      for (const file of contextFiles(root, matched, only === undefined ? warnOnSkipped(report) : () => {})) {
        yield { header: contextHeader(file), open: () => contextItem(file) };
      }
    },
    onSent(length: number) {
      done += length;
      report({ ...progress, current: done });
    },
    onEnd: () => report({ ...progress, current: done, finished: true }),
  };
}

const warnOnSkipped = (report: Report) => (path: string) =>
  report(warning(`${path} is not a file, directory or symlink; skipped`));

async function* packContext(root: string, ignored: Ignored, extras: readonly TarItem[], report: Report) {
  const progress = { type: "progress", operation: "context", total: undefined } as const;
  let done = 0;
  try {
    for await (const block of packTar(items(root, ignored, extras, warnOnSkipped(report)))) {
      yield block;
      done += block.length;
      report({ ...progress, current: done });
    }
  } finally {
    report({ ...progress, current: done, finished: true });
  }
}

function* items(root: string, ignored: Ignored, extras: readonly TarItem[], onSkipped: (path: string) => void) {
  const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  for (const file of contextFiles(root, ignored, onSkipped)) yield contextItem(file, scratch);
  yield* extras;
}

/** Patterns for exactly these names. */
const ignorePatterns = (...names: readonly string[]) =>
  Buffer.from(names.map((name) => `${name.replace(/[\\*?[\]]/g, "\\$&")}\n`).join(""));

const alsoIgnore = (ignored: Ignored, name: string): Ignored => ({
  ...ignored,
  matcher() {
    const isIgnored = ignored.matcher();
    return (path) => path === name || isIgnored(path);
  },
});

const ignoreAllBut = (ignored: Ignored, name: string): Ignored => ({
  matcher() {
    const isIgnored = ignored.matcher();
    return (path) => path !== name || isIgnored(path);
  },
  mayKeepWithin: () => false,
});

/** @returns undefined if the path does not exist. */
function findRealPath(path: string): string | undefined {
  try {
    return decodePath(realpathSync.native(fsPath(path), "buffer"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "ENOTDIR") {
      return undefined;
    }
    throw unreadable("Cannot read", path, error);
  }
}

function readBytes(path: string): Buffer {
  try {
    return readWhole(path);
  } catch (error) {
    throw unreadable("Cannot read", path, error);
  }
}

function raise(error: Error): never {
  throw error;
}
