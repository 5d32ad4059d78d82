import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { extract } from "tar-stream";

/** The first file of an archive. @returns undefined when it begins with something else, or is larger than `limit` bytes. */
export async function readEntry(archive: Readable, limit: number): Promise<Buffer | undefined> {
  const entries = archive.pipe(extract());
  for await (const entry of entries) {
    const { type, size = 0 } = entry.header;
    const found = type === "file" && size <= limit ? await buffer(entry) : undefined;
    // The rest is not wanted, and that it does not come is no failure.
    archive.on("error", () => {}).destroy();
    return found;
  }
  return undefined;
}
