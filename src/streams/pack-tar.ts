import { once } from "node:events";
import { pack } from "tar-stream";
import { clampMtime } from "./mtime.ts";
import { isEscaped, pathBytes } from "./path-bytes.ts";

/** The header of a file in an archive. */
export interface TarHeader {
  readonly name: string;
  readonly type: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** In seconds since 1970. */
  readonly mtime: number;
  /** Size of a file in bytes. */
  readonly size: number;
  /** The target of a symlink. */
  readonly linkname?: string;
}

export interface TarItem {
  readonly header: TarHeader;
  /** Reads the next bytes of a file into `memory`. @returns their number, at least one. */
  readonly read?: (memory: Buffer) => Promise<number>;
}

/** Record size of an archive in bytes. */
const RECORD = 512;

/** In bytes: a multiple of the record size, and large enough to make the overhead of calls negligible. */
const BLOCK = 1024 * 1024;

/** Maximum of a field with six octal digits. */
const SIX_DIGITS = 0o777777;
const LAST_SECOND = 2 ** 31 - 1;

/**
 * Packs an archive in blocks of one size, except the last. The memory of a block is reused after the next block is
 * requested. Files are read directly into blocks, one block ahead; small files share a block.
 */
export async function* packTar(items: AsyncIterable<TarItem>): AsyncGenerator<Buffer> {
  const blocks = packBlocks(items);
  try {
    for (let coming = blocks.next(); ; ) {
      const { done, value } = await coming;
      if (done) return;
      coming = blocks.next();
      // The reader may stop before it requests this block; its error is then ignored.
      coming.catch(() => {});
      yield value;
    }
  } finally {
    await blocks.return();
  }
}

/** Two alternating blocks: one is filled while the other is read. */
async function* packBlocks(items: AsyncIterable<TarItem>): AsyncGenerator<Buffer, void> {
  let [block, other] = [Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK)];
  let used = 0;
  /** @returns the block if it is full; the other block receives the next bytes. */
  const full = (length: number) => {
    used += length;
    if (used < BLOCK) return [];
    used = 0;
    [block, other] = [other, block];
    return [other];
  };
  for await (const { header, read } of items) {
    const head = await encodeHeader(header);
    for (let at = 0; at < head.length; ) {
      const copied = head.copy(block, used, at);
      at += copied;
      yield* full(copied);
    }
    if (!read) continue;
    for (let left = header.size; left > 0; ) {
      const length = await read(block.subarray(used, used + left));
      left -= length;
      yield* full(length);
    }
    const padding = -used & (RECORD - 1);
    block.fill(0, used, used + padding);
    yield* full(padding);
  }
  yield Buffer.concat([block.subarray(0, used), Buffer.alloc(2 * RECORD)]);
}

/** One header record, or more if the values exceed a plain header. */
async function encodeHeader(header: TarHeader): Promise<Buffer> {
  const { name, linkname = "" } = header;
  if (!isEscaped(name) && !isEscaped(linkname)) return await encodeText(header);
  // tar-stream writes names as UTF-8, so ASCII placeholders of the same length are replaced by the bytes.
  const fields = [name, linkname].filter((field) => field !== "").map(pathBytes);
  const [asciiName = "", asciiLink] = fields.map((bytes) => "x".repeat(bytes.length));
  const encoded = await encodeText({ ...header, name: asciiName, ...(asciiLink && { linkname: asciiLink }) }, {});
  let at = RECORD;
  for (const [index, bytes] of fields.entries()) {
    at = encoded.indexOf(`${index === 0 ? "path" : "linkpath"}=`, at) + (index === 0 ? 5 : 9);
    at += bytes.copy(encoded, at);
  }
  return encoded;
}

/** @param extended writes names to a pax header, however short they are. */
async function encodeText({ mtime: localMtime, ...header }: TarHeader, extended?: object): Promise<Buffer> {
  const { uid, gid } = header;
  const mtime = clampMtime(localMtime);
  const pax = {
    ...(uid > SIX_DIGITS && { uid: String(uid) }),
    ...(gid > SIX_DIGITS && { gid: String(gid) }),
    ...(mtime > LAST_SECOND && { mtime: String(mtime) }),
  };
  const encoder = pack();
  encoder.on("error", () => {});
  encoder.entry({
    ...header,
    uid: uid > SIX_DIGITS ? 0 : uid,
    gid: gid > SIX_DIGITS ? 0 : gid,
    mtime: new Date(Math.min(mtime, LAST_SECOND) * 1000),
    ...((extended || Object.keys(pax).length > 0) && { pax }),
  });
  await once(encoder, "readable");
  const records: Buffer[] = [];
  const next = () => encoder.read() as Buffer | null;
  for (let record = next(); record; record = next()) records.push(record);
  return Buffer.concat(records);
}
