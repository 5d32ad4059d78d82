import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { decodeText } from "../../app/text.ts";
import type { Builder } from "../../engine/build.ts";
import { SESSION_DOCKERFILE, type SessionFiles } from "../../engine/build-session.ts";
import { warning } from "../../errors/error.ts";
import { noLocalFolder, unreadable } from "../../errors/files.ts";
import { noDockerfile } from "../../errors/image.ts";
import type { Report } from "../../output/events.ts";
import { packTar, type TarItem } from "../../streams/pack-tar.ts";
import { decodePath, fsPath } from "../../streams/path-bytes.ts";
import { readWhole } from "../../streams/read-whole.ts";
import { contextFiles } from "./context-files.ts";
import { contextHeader, contextItem, textItem } from "./context-items.ts";
import { type Ignored, parseDockerignore } from "./dockerignore.ts";

/** A folder to build an image from. */
export interface Source {
  /** Its name in the context. */
  readonly dockerfile: string;
  /** Its name as people know it. */
  readonly dockerfilePath: string;
  readonly dockerfileText: string;
  /** The context as an archive, in constant memory; it can be had again. What is being sent is reported as progress. */
  context(builder: Builder, report: Report): AsyncGenerator<Buffer>;
  /** Whether an archive has the Dockerfile in a place that `COPY .` copies, though it is not part of the context. */
  readonly isHidden: boolean;
  /** The same, file by file. */
  sessionFiles(report: Report): SessionFiles;
}

const DOCKERIGNORE = ".dockerignore";

/**
 * @param folder absolute.
 * @param file the Dockerfile, relative to the folder, or absolute; it may be outside.
 * @throws OneoffError when one of them is not there, or what is to be ignored is garbled.
 */
export function openSource(folder: string, file = "Dockerfile"): Source {
  const root = findRealPath(folder) ?? raise(noLocalFolder(folder));
  const dockerfilePath = resolve(folder, file);
  const path = findRealPath(dockerfilePath) ?? raise(noDockerfile(dockerfilePath));
  const bytes = readBytes(path);
  const within = relative(root, path).split(sep).join("/");
  const isOutside = within.startsWith("../");
  const own = `${path}${DOCKERIGNORE}`;
  const ignoreFile = [own, resolve(root, DOCKERIGNORE)].find((candidate) => findRealPath(candidate) !== undefined);
  const ignored = parseDockerignore(
    ignoreFile ? decodeText(readBytes(ignoreFile), ignoreFile) : "",
    ignoreFile ?? DOCKERIGNORE,
  );
  // The name is the same as long as the content is: the context is, too, then, and what was built from it is used again.
  const dockerfile = isOutside
    ? `.dockerfile.${createHash("sha256").update(bytes).digest("hex").slice(0, 20)}`
    : within;
  const isHidden = isOutside || ignored.matcher()(dockerfile);
  /** The engine itself takes away what a .dockerignore in the context names. */
  const hidesItself = isHidden && !isOutside && ignoreFile !== own && !ignored.matcher()(DOCKERIGNORE);
  return {
    dockerfile,
    dockerfilePath,
    dockerfileText: decodeText(bytes, dockerfilePath),
    isHidden,
    sessionFiles: (report) => sessionFiles(root, ignored, bytes, report),
    context(builder, report) {
      const extras = isHidden ? [textItem(dockerfile, bytes)] : [];
      const isReplaced = builder === "classic" && isHidden && !hidesItself;
      if (isReplaced) extras.push(textItem(DOCKERIGNORE, ignorePatterns(DOCKERIGNORE, dockerfile)));
      return packContext(root, isReplaced ? alsoIgnore(ignored, DOCKERIGNORE) : ignored, extras, report);
    },
  };
}

function sessionFiles(root: string, ignored: Ignored, bytes: Buffer, report: Report): SessionFiles {
  const progress = { type: "progress", operation: "context", total: undefined } as const;
  let done = 0;
  return {
    dockerfile: {
      header: textItem(SESSION_DOCKERFILE, bytes).header,
      open: async () => textItem(SESSION_DOCKERFILE, bytes),
    },
    *context(only?: string) {
      const wanted = only === undefined ? ignored : ignoreAllBut(ignored, only);
      for (const file of contextFiles(root, wanted, only === undefined ? warnOnSkipped(report) : () => {})) {
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

async function* items(root: string, ignored: Ignored, extras: readonly TarItem[], onSkipped: (path: string) => void) {
  for (const file of contextFiles(root, ignored, onSkipped)) {
    await using item = await contextItem(file);
    yield item;
  }
  yield* extras;
}

/** Patterns for these very names. */
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

/** @returns undefined where there is no such thing. */
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
