import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import lzma from "lzma-native";
import { bytesItem } from "../src/streams/bytes-item.ts";
import { packTar, type TarItem } from "../src/streams/pack-tar.ts";

export interface Entry {
  readonly path: string;
  readonly content: Buffer;
  readonly executable?: boolean;
}

/**
 * A tar archive of one folder that depends only on the entries and the time: without owners and other times, and sorted.
 * @param time in seconds since 1970.
 */
export async function archive(folder: string, entries: readonly Entry[], time: number): Promise<Buffer> {
  const owner = { uid: 0, gid: 0, mtime: time };
  const folders = new Set(entries.flatMap(({ path }) => parents(`${folder}/${path}`)));
  const items: TarItem[] = [
    ...[...folders].map((name) => ({ header: { name, type: "directory", mode: 0o755, size: 0, ...owner } as const })),
    ...entries.map(({ path, content, executable }) => {
      const mode = executable ? 0o755 : 0o644;
      return bytesItem(
        { name: `${folder}/${path}`, type: "file", mode, size: content.length, ...owner },
        () => content,
      );
    }),
  ];
  items.sort((a, b) => (a.header.name < b.header.name ? -1 : 1));
  const blocks: Buffer[] = [];
  for await (const block of packTar(items)) blocks.push(Buffer.from(block));
  return Buffer.concat(blocks);
}

/** For machines without xz. */
export const gzip = (tar: Buffer) => gzipSync(tar, { level: 9 });

/** Uses one thread and no filter: the output depends on the input only, and the xz of BusyBox unpacks it. */
export async function xz(tar: Buffer): Promise<Buffer> {
  const compressor = lzma.createCompressor({ preset: 9, threads: 1, check: lzma.CHECK_CRC64 });
  compressor.end(tar);
  return await buffer(compressor);
}

/** `a/b/c`: `a/`, `a/b/`. */
const parents = (path: string) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1));

export const entryOf = (file: string, path: string, executable = false): Entry => ({
  path,
  content: readFileSync(file),
  executable,
});
