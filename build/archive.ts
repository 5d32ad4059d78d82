import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { check, filter, xzAsync } from "node-liblzma";
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
    ...entries.map(({ path, content, executable }) => ({
      header: {
        name: `${folder}/${path}`,
        type: "file" as const,
        mode: executable ? 0o755 : 0o644,
        size: content.length,
        ...owner,
      },
      read: reader(content),
    })),
  ];
  items.sort((a, b) => (a.header.name < b.header.name ? -1 : 1));
  const blocks: Buffer[] = [];
  for await (const block of packTar(toAsync(items))) blocks.push(Buffer.from(block));
  return Buffer.concat(blocks);
}

/** For machines that have no xz, or one without filters, as BusyBox has. */
export const gzip = (tar: Buffer) => gzipSync(tar, { level: 9 });

/**
 * With one thread and a pinned liblzma the output depends on the input only. Code for x64 becomes 3 % smaller with a filter
 * that every xz has; the filter for arm64 needs xz 5.4 to unpack, so it is not used.
 */
export const xz = (tar: Buffer, arch: "x64" | "arm64") =>
  xzAsync(tar, {
    preset: 9,
    check: check.CRC64,
    filters: arch === "x64" ? [filter.X86, filter.LZMA2] : [filter.LZMA2],
    threads: 1,
  });

/** `a/b/c`: `a/`, `a/b/`. */
const parents = (path: string) => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1));

function reader(content: Buffer) {
  let at = 0;
  return async (memory: Buffer) => {
    const length = content.copy(memory, 0, at);
    at += length;
    return length;
  };
}

async function* toAsync<T>(items: readonly T[]) {
  yield* items;
}

export const entryOf = (file: string, path: string, executable = false): Entry => ({
  path,
  content: readFileSync(file),
  executable,
});
