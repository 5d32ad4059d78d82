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

/** Record size of an archive in bytes. */
export const RECORD = 512;

/** Maximum of a field with six octal digits. */
const SIX_DIGITS = 0o777777;
/** Maximum of a field with eleven octal digits. */
const ELEVEN_DIGITS = 0o77777777777;
const LAST_SECOND = 2 ** 31 - 1;

const TYPES = { file: "0", symlink: "2", directory: "5", pax: "x" } as const;

/** The name of a record whose names are in the pax header before it. */
const PLACEHOLDER = "PaxHeader";

/**
 * Encodes a header as ustar, with a pax header before it if the values exceed the fields. Written here, because
 * tar-stream needs a stream and several promises for each header, which is most of the time of a small file.
 * @returns whole records; a plain header is valid until the next call.
 */
export function encodeHeader(header: TarHeader): Buffer {
  const { name, linkname = "", uid, gid, type } = header;
  const mtime = clampMtime(header.mtime);
  const prefixLength = prefixLengthOf(name);
  if (
    prefixLength !== undefined &&
    (linkname === "" || (Buffer.byteLength(linkname) <= 100 && !isEscaped(linkname))) &&
    uid <= SIX_DIGITS &&
    gid <= SIX_DIGITS &&
    mtime <= LAST_SECOND
  ) {
    return writeRecord(PLAIN, header, TYPES[type], header.size, prefixLength);
  }
  const content = Buffer.concat([
    paxRecord("path=", name),
    ...(linkname ? [paxRecord("linkpath=", linkname)] : []),
    ...(uid > SIX_DIGITS ? [paxRecord("uid=", String(uid))] : []),
    ...(gid > SIX_DIGITS ? [paxRecord("gid=", String(gid))] : []),
    ...(mtime > LAST_SECOND ? [paxRecord("mtime=", String(mtime))] : []),
  ]);
  const padded = Math.ceil(content.length / RECORD) * RECORD;
  const records = Buffer.alloc(RECORD + padded + RECORD);
  const plain = {
    ...header,
    uid: uid > SIX_DIGITS ? 0 : uid,
    gid: gid > SIX_DIGITS ? 0 : gid,
    mtime: Math.min(mtime, LAST_SECOND),
    name: PLACEHOLDER,
    linkname: linkname && PLACEHOLDER,
  };
  writeRecord(records.subarray(0, RECORD), plain, TYPES.pax, content.length, 0);
  content.copy(records, RECORD);
  writeRecord(records.subarray(RECORD + padded), plain, TYPES[type], plain.size, 0);
  return records;
}

/** Reused, because nearly every header is plain. */
const PLAIN = Buffer.alloc(RECORD);

/** Finds the slash that splits a name into prefix and name. @returns undefined unless it is ASCII and fits. */
function prefixLengthOf(name: string): number | undefined {
  if (Buffer.byteLength(name) !== name.length) return undefined;
  if (name.length <= 100) return 0;
  const slash = name.indexOf("/", name.length - 101);
  // A leading slash cannot be expressed by an empty prefix.
  return slash > 0 && slash <= 155 ? slash : undefined;
}

function writeRecord(record: Buffer, header: TarHeader, type: string, size: number, prefixLength: number): Buffer {
  const { name, linkname = "" } = header;
  record.fill(0);
  record.write(prefixLength === 0 ? name : name.slice(prefixLength + 1), 0, "latin1");
  writeOctal(record, 100, 6, header.mode & 0o7777);
  writeOctal(record, 108, 6, header.uid);
  writeOctal(record, 116, 6, header.gid);
  if (size <= ELEVEN_DIGITS) writeOctal(record, 124, 11, size);
  else writeBinary(record, 124, size);
  writeOctal(record, 136, 11, clampMtime(header.mtime));
  record.write(type + linkname, 156);
  record.write("ustar\x0000", 257, "latin1");
  writeOctal(record, 329, 6, 0);
  writeOctal(record, 337, 6, 0);
  if (prefixLength > 0) record.write(name.slice(0, prefixLength), 345, "latin1");
  // The checksum is the sum with spaces in its own field.
  let sum = 8 * SPACE;
  for (let at = 0; at < RECORD; at++) sum += record[at] ?? 0;
  writeOctal(record, 148, 6, sum);
  return record;
}

const SPACE = 0x20;

function writeOctal(record: Buffer, at: number, digits: number, value: number): void {
  let rest = value;
  for (let digit = at + digits - 1; digit >= at; digit--) {
    record[digit] = 0x30 + (rest % 8);
    rest = Math.floor(rest / 8);
  }
  record[at + digits] = SPACE;
}

/** The format of sizes from 8 GiB on. */
function writeBinary(record: Buffer, at: number, size: number): void {
  record[at] = 0x80;
  record.writeBigUInt64BE(BigInt(size), at + 4);
}

/** `LENGTH KEY=VALUE` and a line feed. LENGTH includes the whole record, and its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const content = Buffer.concat([Buffer.from(` ${key}`), pathBytes(value), LINE_FEED]);
  const digits = [1, 2, 3, 4, 5, 6, 7].find((count) => String(content.length + count).length === count) ?? 8;
  return Buffer.concat([Buffer.from(String(content.length + digits)), content]);
}

const LINE_FEED = Buffer.from("\n");
