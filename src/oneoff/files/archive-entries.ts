import { posix } from "node:path";
import { getArchive } from "../../engine/archive.ts";
import type { Transport } from "../../engine/transport.ts";
import { unnamedByEngine } from "../../errors/files.ts";
import { isEscaped } from "../../streams/path-bytes.ts";
import { type Unpacked, unpackTar } from "../../streams/tar.ts";
import type { Container } from "./container-path.ts";

/**
 * The entries of a path's archive. For a file whose name is not UTF-8, Docker 20.10 looks for the name with U+FFFD in it: it
 * archives nothing, or another file. The file is taken from the archive of its folder then.
 */
export async function* archiveEntries(
  engine: Transport,
  { id, name: oneoff }: Container,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<Unpacked> {
  const name = posix.basename(path);
  let isRight = !isEscaped(name);
  {
    using archive = await getArchive(engine, id, archivePath(path), signal);
    for await (const entry of unpackTar(archive)) {
      isRight ||= entry.name.split("/")[0] === name;
      if (!isRight) break;
      yield entry;
    }
  }
  if (isRight) return;
  using folder = await getArchive(engine, id, `${posix.dirname(path).replace(/\/$/, "")}/.`, signal);
  for await (const entry of unpackTar(folder)) {
    if (posix.normalize(entry.name) !== name) continue;
    // A second name of a file that came before, whose bytes are not kept.
    if (entry.type === "link") throw unnamedByEngine(oneoff, path);
    yield { ...entry, name };
    return;
  }
  throw unnamedByEngine(oneoff, path);
}

/** The engine names what is in the root after nothing at all, and what is in `/.` after a folder. */
const archivePath = (path: string) => (path === "/" ? "/." : path);
