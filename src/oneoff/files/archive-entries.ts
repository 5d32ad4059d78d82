import { posix } from "node:path";
import { getArchive } from "../../engine/archive.ts";
import type { Transport } from "../../engine/transport.ts";
import { unnamedByEngine } from "../../errors/files.ts";
import { isEscaped } from "../../streams/path-bytes.ts";
import { type Unpacked, unpackTar } from "../../streams/tar.ts";
import type { Container } from "./container-path.ts";

/**
 * Reads the entries of a path's archive. Docker 20.10 replaces bytes of a name that are not UTF-8 by U+FFFD, so it
 * finds nothing or another file. The file is then read from the archive of its folder.
 */
export async function* archiveEntries(
  engine: Transport,
  { id, name: oneoffName }: Container,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<Unpacked> {
  const name = posix.basename(path);
  let isExpected = !isEscaped(name);
  {
    using archive = await getArchive(engine, id, archivePath(path), signal);
    for await (const entry of unpackTar(archive)) {
      isExpected ||= entry.name.split("/")[0] === name;
      if (!isExpected) break;
      yield entry;
    }
  }
  if (isExpected) return;
  using folder = await getArchive(engine, id, `${posix.dirname(path).replace(/\/$/, "")}/.`, signal);
  for await (const entry of unpackTar(folder)) {
    if (posix.normalize(entry.name) !== name) continue;
    // A hard link to an earlier entry, whose content has not been kept.
    if (entry.type === "link") throw unnamedByEngine(oneoffName, path);
    yield { ...entry, name };
    return;
  }
  throw unnamedByEngine(oneoffName, path);
}

/** In the archive of `/` names have no top folder; in the archive of `/.` they do. */
const archivePath = (path: string) => (path === "/" ? "/." : path);
