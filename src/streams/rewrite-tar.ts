import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { extract, pack } from "tar-stream";
import { join } from "./join.ts";

/**
 * Replaces some files of an archive. The replacements are written last; other files of any size pass through.
 * @param isReplaced decides by name and size in bytes. @param others creates the replacements from the replaced files.
 */
export function rewriteTar(
  archive: Readable,
  isReplaced: (name: string, size: number) => boolean,
  others: (replaced: ReadonlyMap<string, Buffer>) => Readonly<Record<string, Buffer>>,
): AsyncIterable<Uint8Array> {
  const tar = pack();
  const reading = async () => {
    const replaced = new Map<string, Buffer>();
    const entries = extract();
    void join(archive, entries);
    for await (const entry of entries) {
      const { header } = entry;
      if (isReplaced(header.name, header.size ?? 0)) replaced.set(header.name, await buffer(entry));
      else await join(entry, tar.entry(header));
    }
    for (const [name, bytes] of Object.entries(others(replaced))) tar.entry({ name }, bytes);
    tar.finalize();
  };
  reading()
    .catch((error: Error) => tar.destroy(error))
    .finally(() => archive.destroy());
  return tar as AsyncIterable<Uint8Array>;
}
