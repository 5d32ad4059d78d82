import { once } from "node:events";
import type { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import { badArchive } from "../errors/io.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { clampMtime } from "./mtime.ts";
import { decodePath } from "./path-bytes.ts";
import type { ByteSource } from "./pump.ts";
import { streamSource } from "./stream-source.ts";
import { RECORD } from "./tar-header.ts";

/** One entry of an archive. */
export interface Unpacked {
  readonly name: string;
  /** `link` is a hard link; `other` is any other type. */
  readonly type: "file" | "directory" | "symlink" | "link" | "other";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** In seconds since 1970. */
  readonly mtime: number;
  /** In bytes. */
  readonly size: number;
  /** The target of a symlink; for a hard link the name of an earlier entry. */
  readonly linkname: string;
  /** Yields the content in reused memory. Unread content is skipped. */
  pass(sink: (chunk: Buffer) => void): Promise<void>;
  /** Reads the next bytes into `memory`. @returns their number, 0 at the end. */
  read(memory: Buffer): Promise<number>;
}

/** Headers that extend the next entry: pax and long names of GNU. */
const EXTENSIONS = new Set(["x", "g", "L", "K"].map((letter) => letter.charCodeAt(0)));

/** In bytes: much more than names and attributes need. */
const LONGEST_EXTENSION = 1024 * 1024;

/** In bytes, per entry. */
const MAX_EXTENSIONS = 8 * 1024 * 1024;

/** Types without content, whatever size the header has. */
const EMPTY = new Set<Header["type"]>(["directory", "symlink", "link", "character-device", "block-device", "fifo"]);

/** The entries of an archive; each is valid until the next is requested. @throws OneoffError for an invalid archive. */
export async function* unpackTar(archive: ByteSource): AsyncGenerator<Unpacked> {
  const reader = new ChunkReader(archive);
  for (let header = await readHeader(reader); header; header = await readHeader(reader)) {
    let left = EMPTY.has(header.type) ? 0 : (header.size ?? 0);
    const padding = (RECORD - (left % RECORD)) % RECORD;
    yield {
      name: header.name,
      type: kindOf(header.type),
      mode: header.mode ?? 0,
      uid: header.uid ?? 0,
      gid: header.gid ?? 0,
      mtime: clampMtime(
        Number.parseFloat((header.pax as Record<string, string> | null)?.mtime ?? "") ||
          (header.mtime?.getTime() ?? 0) / 1000,
      ),
      size: left,
      linkname: header.linkname ?? "",
      async pass(sink) {
        const length = left;
        left = 0;
        await reader.pass(length, sink);
      },
      async read(memory) {
        const length = Math.min(left, memory.length);
        left -= length;
        let at = 0;
        await reader.pass(length, (chunk) => {
          at += chunk.copy(memory, at);
        });
        return length;
      },
    };
    await reader.pass(left + padding, () => {});
  }
}

function kindOf(type: Header["type"]): Unpacked["type"] {
  if (type === "contiguous-file") return "file";
  return type === "file" || type === "directory" || type === "symlink" || type === "link" ? type : "other";
}

/** @returns undefined at the end of the archive. */
async function readHeader(reader: ChunkReader): Promise<Header | undefined> {
  const records: Buffer[] = [];
  let extensions = 0;
  for (;;) {
    const record = await reader.take(RECORD);
    if (record.every((byte) => byte === 0)) return undefined;
    records.push(record);
    if (!EXTENSIONS.has(record[156] ?? 0)) return decodeHeader(Buffer.concat(records));
    const length = Number.parseInt(record.toString("latin1", 124, 136), 8);
    extensions += length;
    if (!(length >= 0 && length <= LONGEST_EXTENSION && extensions <= MAX_EXTENSIONS))
      throw badArchive("a header is too long");
    records.push(await reader.take(Math.ceil(length / RECORD) * RECORD));
  }
}

async function decodeHeader(records: Buffer): Promise<Header> {
  const decoder = extract();
  const decoded = once(decoder, "entry");
  decoder.write(records);
  try {
    const [header] = (await decoded) as [Header];
    return `${header.name}${header.linkname}`.includes("\ufffd") ? { ...header, ...rawNames(records) } : header;
  } catch (error) {
    throw badArchive((error as Error).message);
  }
}

/** The names of an entry as bytes: tar-stream decodes them as UTF-8. */
function rawNames(records: Buffer): Pick<Header, "name" | "linkname"> {
  const gnu: { name?: Buffer; linkname?: Buffer } = {};
  const pax: typeof gnu = {};
  let at = 0;
  for (; EXTENSIONS.has(records[at + TYPE] ?? 0); ) {
    const type = String.fromCharCode(records[at + TYPE] ?? 0);
    const length = Number.parseInt(records.toString("latin1", at + 124, at + 136), 8);
    const content = records.subarray(at + RECORD, at + RECORD + length);
    if (type === "L") gnu.name = untilNul(content);
    else if (type === "K") gnu.linkname = untilNul(content);
    else Object.assign(pax, paxNames(content));
    at += RECORD + Math.ceil(length / RECORD) * RECORD;
  }
  const header = records.subarray(at, at + RECORD);
  const prefix =
    header.toString("latin1", 257, 263) === "ustar\0" ? untilNul(header.subarray(345, 500)) : Buffer.alloc(0);
  const short = untilNul(header.subarray(0, 100));
  const plain = prefix.length > 0 ? Buffer.concat([prefix, Buffer.from("/"), short]) : short;
  return {
    name: decodePath(pax.name ?? gnu.name ?? plain),
    linkname: decodePath(pax.linkname ?? gnu.linkname ?? untilNul(header.subarray(157, 257))),
  };
}

const TYPE = 156;

const untilNul = (field: Buffer) => (field.includes(0) ? field.subarray(0, field.indexOf(0)) : field);

/** Parses records of `LENGTH KEY=VALUE` and a line feed. LENGTH includes the whole record. */
function paxNames(content: Buffer): { name?: Buffer; linkname?: Buffer } {
  const names: ReturnType<typeof paxNames> = {};
  for (let rest = content; rest.length > 0; ) {
    const length = Number.parseInt(rest.toString("latin1", 0, 20), 10);
    if (!(length > 0)) break;
    const record = rest.subarray(rest.indexOf(" ") + 1, length - 1);
    const value = record.subarray(record.indexOf("=") + 1);
    const key = record.toString("latin1", 0, record.indexOf("="));
    if (key === "path") names.name = value;
    if (key === "linkpath") names.linkname = value;
    rest = rest.subarray(length);
  }
  return names;
}

/**
 * The first file of an archive. @returns undefined if the first entry is no file, or exceeds `limit` bytes.
 * @throws errors of the source; OneoffError for an invalid or truncated archive.
 */
export async function readEntry(archive: Readable, limit: number): Promise<Buffer | undefined> {
  try {
    for await (const { type, size, pass } of unpackTar(streamSource(archive))) {
      if (type !== "file" || size > limit) return undefined;
      const pieces: Buffer[] = [];
      await pass((chunk) => pieces.push(Buffer.from(chunk)));
      return Buffer.concat(pieces);
    }
    return undefined;
  } finally {
    // The rest is not needed.
    archive.destroy();
  }
}
