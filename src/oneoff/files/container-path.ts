import { posix } from "node:path";
import { getArchive, type PathStat, statContainerPath } from "../../engine/archive.ts";
import type { Transport } from "../../engine/transport.ts";
import { EngineRefused } from "../../errors/engine.ts";
import { noFolderInOneoff, notFolderInOneoff, unresolvedPath } from "../../errors/files.ts";
import { type Unpacked, unpackTar } from "../../streams/tar.ts";

/** A path of a container after its last symlink is resolved. */
export interface ContainerPath {
  readonly path: string;
  /** Undefined if the path does not exist. */
  readonly stat: PathStat | undefined;
}

export interface Container {
  readonly id: string;
  readonly name: string;
}

/** @throws OneoffError for a path below a file, and for a slash after the name of a file */
export async function resolveContainerPath(
  engine: Transport,
  { id, name }: Container,
  path: string,
): Promise<ContainerPath> {
  const absolute = posix.resolve("/", path);
  let end: ContainerPath;
  try {
    end = await followLink(engine, id, absolute);
  } catch (error) {
    // Responses to HEAD have no body, so the reason has to be found out.
    if (!(error instanceof EngineRefused) || error.reason !== "" || absolute === "/") throw error;
    await checkFolder(engine, { id, name }, posix.dirname(absolute));
    throw unresolvedPath(name, absolute, error);
  }
  if (end.stat && end.stat.kind !== "directory" && /\/\.?$/.test(path)) throw notFolderInOneoff(name, absolute);
  return end;
}

/**
 * Resolves the path to write a file or folder to, also through a dangling symlink.
 * @throws OneoffError for a missing parent folder, or if a file would replace a folder or a folder a file
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
    // Podman archives the target of a symlink.
    if (entry?.type !== "symlink") return { path, stat: entry && { ...stat, size: entry.size, kind: kindOf(entry) } };
    return followLink(engine, id, posix.resolve(posix.dirname(path), entry.linkname), links - 1);
  }
  return { path: stat.linkTarget, stat: await statContainerPath(engine, id, stat.linkTarget) };
}

/** The limit of Linux. */
const MAX_LINKS = 40;

/** The archive contains the exact bytes of a symlink's target, whereas JSON replaces bytes that are not UTF-8. */
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
