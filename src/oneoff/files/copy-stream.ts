import type { Readable, Writable } from "node:stream";
import { getArchive, putArchive, statContainerPath } from "../../engine/archive.ts";
import { noSuchPath, outputLost } from "../../errors.ts";
import { pumpOutput } from "../../streams/pump.ts";
import { statFetched } from "./download.ts";
import type { TransferContext } from "./upload.ts";

interface Container {
  readonly id: string;
  readonly name: string;
}

/** Writes a path of a container to `outputs.stdout`, as the engine's archive. */
export async function copyOut(
  { engine, signal }: TransferContext,
  { id, name }: Container,
  path: string,
  outputs: Readonly<Record<"stdout" | "stderr", Writable>>,
): Promise<void> {
  const stat = await statFetched(engine, id, name, path);
  let broken: NodeJS.ErrnoException | undefined;
  try {
    using archive = await getArchive(engine, id, stat.linkTarget, signal);
    await pumpOutput(archive, "raw", outputs, (_channel, error) => {
      broken = error;
      archive[Symbol.dispose]();
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (!broken) throw error;
    // A reader that has gone knows it; that is seen at our end.
    if (broken.code !== "EPIPE") throw outputLost(broken);
  }
}

/** Extracts an archive, which is for the engine to judge, into a folder of a container. */
export async function copyArchive(
  { engine, report, signal }: TransferContext,
  { id, name }: Container,
  path: string,
  archive: Readable,
): Promise<void> {
  const stat = await statContainerPath(engine, id, path);
  if (!stat) throw noSuchPath(name, path, undefined);
  let done = 0;
  const progress = { type: "progress", what: "upload", total: undefined } as const;
  const counted = async function* () {
    for await (const chunk of archive) {
      done += chunk.length;
      report({ ...progress, done });
      yield chunk as Buffer;
    }
  };
  try {
    await putArchive(engine, id, path, counted, signal);
  } finally {
    report({ ...progress, done, over: true });
  }
}
