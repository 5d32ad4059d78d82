import { posix } from "node:path";
import { getArchive, type PathStat, statContainerPath } from "../../engine/archive.ts";
import type { Transport } from "../../engine/transport.ts";
import { EngineRefused } from "../../errors/engine.ts";
import { noFolderInOneoff, notFolderInOneoff, unresolvedPath } from "../../errors/files.ts";
import { type Unpacked, unpackTar } from "../../streams/tar.ts";

/** Where a path of a container leads, by its last symlink. */
export interface ContainerPath {
  readonly path: string;
  /** Undefined when nothing is there. */
  readonly stat: PathStat | undefined;
}

export interface Container {
  readonly id: string;
  readonly name: string;
}

/** @throws OneoffError for a path below a file, and for a slash after the name of a file. */
export async function resolveContainerPath(
  engine: Transport,
  { id, name }: Container,
  path: string,
): Promise<ContainerPath> {
  const whole = posix.resolve("/", path);
  let end: ContainerPath;
  try {
    end = await followLink(engine, id, whole);
  } catch (error) {
    // An engine answers HEAD without a reason.
    if (!(error instanceof EngineRefused) || error.reason !== "" || whole === "/") throw error;
    await checkFolder(engine, { id, name }, posix.dirname(whole));
    throw unresolvedPath(name, whole, error);
  }
  if (end.stat && end.stat.kind !== "directory" && /\/\.?$/.test(path)) throw notFolderInOneoff(name, whole);
  return end;
}

/**
 * The path that a file or folder is to be written to: where a symlink leads, also one that leads to nothing yet.
 * @throws OneoffError where no folder is for it, or a file in the place of a folder or the other way round.
 */
export async function writablePath(
  engine: Transport,
  container: Container,
  path: string,
  isDirectory: boolean,
): Promise<ContainerPath> {
  const end = await resolveContainerPath(engine, container, path);
  const { stat } = end;
  if (stat && isDirectory && stat.kind !== "directory") throw notFolderInOneoff(container.name, end.path);
  if (stat) return end;
  if (!isDirectory && path.endsWith("/")) throw noFolderInOneoff(container.name, path);
  await checkFolder(engine, container, posix.dirname(end.path));
  return end;
}

async function followLink(engine: Transport, id: string, path: string, links = MAX_LINKS): Promise<ContainerPath> {
  const stat = await statContainerPath(engine, id, path);
  if (stat?.kind !== "symlink") return { path, stat };
  if (stat.linkTarget.includes("\ufffd") && links > 0) {
    const entry = await firstEntry(engine, id, path);
    // Podman archives what a symlink leads to.
    if (entry?.type !== "symlink") return { path, stat: entry && { ...stat, size: entry.size, kind: kindOf(entry) } };
    return followLink(engine, id, posix.resolve(posix.dirname(path), entry.linkname), links - 1);
  }
  return { path: stat.linkTarget, stat: await statContainerPath(engine, id, stat.linkTarget) };
}

/** As many as Linux follows. */
const MAX_LINKS = 40;

/** Of a symlink it says where that leads, byte for byte: JSON has no bytes that are not UTF-8. */
async function firstEntry(engine: Transport, id: string, path: string): Promise<Unpacked | undefined> {
  using archive = await getArchive(engine, id, path);
  for await (const entry of unpackTar(archive)) return entry;
  return undefined;
}

const kindOf = ({ type }: Unpacked) => (type === "directory" || type === "file" ? type : "other");

async function checkFolder(engine: Transport, container: Container, path: string): Promise<void> {
  const { stat } = await resolveContainerPath(engine, container, path);
  if (!stat) throw noFolderInOneoff(container.name, path);
  if (stat.kind !== "directory") throw notFolderInOneoff(container.name, path);
}
