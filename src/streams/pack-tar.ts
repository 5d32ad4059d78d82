import { once } from "node:events";
import { pack } from "tar-stream";
import { clampMtime } from "./mtime.ts";
import { isEscaped, pathBytes } from "./path-bytes.ts";

/** What an archive says of one file. */
export interface TarHeader {
  readonly name: string;
  readonly type: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** In seconds since 1970. */
  readonly mtime: number;
  /** In bytes, of a file. */
  readonly size: number;
  /** Where a symlink leads. */
  readonly linkname?: string;
}

export interface TarItem {
  readonly header: TarHeader;
  /** Of a file: puts what comes next into `memory`. @returns how many bytes, at least one. */
  readonly read?: (memory: Buffer) => Promise<number>;
}

/** In bytes: the unit of an archive. */
const RECORD = 512;

/** In bytes: a whole number of records, and large enough that the time goes into the bytes and not into the calls. */
const BLOCK = 1024 * 1024;

/** The most that a field of six octal digits holds. */
const SIX_DIGITS = 0o777777;
const LAST_SECOND = 2 ** 31 - 1;

/**
 * An archive, in blocks of one size, except the last; one is to be done with when the next is asked for, as its memory is
 * used again. Files are read straight into them, many small ones into one, and always one block ahead.
 */
export async function* packTar(items: AsyncIterable<TarItem>): AsyncGenerator<Buffer> {
  const blocks = packBlocks(items);
  try {
    for (let coming = blocks.next(); ; ) {
      const { done, value } = await coming;
      if (done) return;
      coming = blocks.next();
      // Should nobody ask for it any more, nobody hears why it did not come.
      coming.catch(() => {});
      yield value;
    }
  } finally {
    await blocks.return();
  }
}

/** Two blocks in turn: one is filled while the other is looked at. */
async function* packBlocks(items: AsyncIterable<TarItem>): AsyncGenerator<Buffer, void> {
  let [block, other] = [Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK)];
  let used = 0;
  /** @returns the block, if these bytes have filled it; the next ones go into the other. */
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

/** One record, or more where a plain header has no room for what is to be said. */
async function encodeHeader(header: TarHeader): Promise<Buffer> {
  const { name, linkname = "" } = header;
  if (!isEscaped(name) && !isEscaped(linkname)) return await encodeText(header);
  // tar-stream writes names as UTF-8: ones of ASCII that are as long are replaced by the bytes.
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

/** @param extended given, the names are in a pax header, however short they are. */
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
