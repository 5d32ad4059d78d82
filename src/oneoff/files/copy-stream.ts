import { posix } from "node:path";
import type { Readable, Writable } from "node:stream";
import { getArchive, putArchive, statContainerPath } from "../../engine/archive.ts";
import { noSuchPath } from "../../errors/files.ts";
import { outputLost } from "../../errors/io.ts";
import { packTar, type TarItem } from "../../streams/pack-tar.ts";
import { isEscaped } from "../../streams/path-bytes.ts";
import { type ByteSource, pumpOutput } from "../../streams/pump.ts";
import type { Unpacked } from "../../streams/tar.ts";
import { archiveEntries } from "./archive-entries.ts";
import { statSource } from "./download.ts";
import type { TransferContext } from "./upload.ts";

interface Container {
  readonly id: string;
  readonly name: string;
}

/** Writes a path of a container to stdout, as the engine's archive. */
export async function copyOut(
  { engine, signal }: TransferContext,
  { id, name }: Container,
  path: string,
  outputs: Readonly<Record<"stdout" | "stderr", Writable>>,
): Promise<void> {
  const stat = await statSource(engine, id, name, path);
  let writeError: NodeJS.ErrnoException | undefined;
  try {
    const { linkTarget, kind } = stat;
    using archive =
      kind === "file" && isEscaped(posix.basename(linkTarget))
        ? byteSource(packTar(repack(archiveEntries(engine, { id, name }, linkTarget, signal))))
        : await getArchive(engine, id, linkTarget, signal);
    await pumpOutput(archive, "raw", outputs, (_channel, error) => {
      writeError = error;
      archive[Symbol.dispose]();
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (!writeError) throw error;
    // EPIPE means that the reader closed the pipe, e.g. `| head`, and is not an error.
    if (writeError.code !== "EPIPE") throw outputLost(writeError);
  }
}

async function* repack(entries: AsyncIterable<Unpacked>): AsyncGenerator<TarItem> {
  for await (const { name, mode, uid, gid, mtime, size, read } of entries) {
    yield { header: { name, type: "file", mode, uid, gid, mtime: Math.floor(mtime), size }, read };
  }
}

function byteSource(blocks: AsyncIterable<Buffer>): ByteSource & Disposable {
  let isClosed = false;
  let resume = () => {};
  return {
    async read(reader) {
      for await (const block of blocks) {
        if (!isClosed && !reader(block)) {
          await new Promise<void>((resolve) => {
            resume = resolve;
          });
        }
        if (isClosed) return;
      }
    },
    resume: () => resume(),
    [Symbol.dispose]() {
      isClosed = true;
      resume();
    },
  };
}

/** Extracts an archive in a folder of a container. The engine validates the archive. */
export async function copyArchive(
  { engine, report, signal }: TransferContext,
  { id, name }: Container,
  path: string,
  archive: Readable,
): Promise<void> {
  const stat = await statContainerPath(engine, id, path);
  if (!stat) throw noSuchPath(name, path, undefined);
  const target = `${name}:${path}`;
  report({ type: "uploading", path: "-", target });
  let done = 0;
  const progress = { type: "progress", operation: "upload", target, total: undefined } as const;
  const countBytes = async function* () {
    for await (const chunk of archive) {
      done += chunk.length;
      report({ ...progress, current: done });
      yield chunk as Buffer;
    }
  };
  try {
    await putArchive(engine, id, path, countBytes, signal);
  } finally {
    report({ ...progress, current: done, finished: true });
  }
}
