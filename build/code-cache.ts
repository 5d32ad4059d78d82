import { readFileSync, writeFileSync } from "node:fs";

/**
 * Removes V8's code cache of all of Node's own modules from the blob of a start-up snapshot. Each start copies its 3.5 MB,
 * which takes 2.5 ms, and compiling the few modules that a command loads later takes less.
 *
 * A blob is: magic and flags of 4 bytes each, a byte, the path of the program, the snapshot, and what is of no interest here.
 * The end of the snapshot is the cache: a number of entries, each the id of a module and its bytes. Numbers have 8 bytes, and
 * texts and bytes begin with their length. (Source: node_sea.cc and node_snapshotable.cc of Node 24.)
 */
export function withoutCodeCache(blob: Buffer): Buffer {
  const path = 9;
  const snapshot = path + 8 + lengthAt(blob, path);
  const [start, end] = [snapshot + 8, snapshot + 8 + lengthAt(blob, snapshot)];
  const cache = codeCacheAt(blob.subarray(0, end), start);
  const count = Buffer.alloc(8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(cache + count.length - start));
  return Buffer.concat([blob.subarray(0, snapshot), length, blob.subarray(start, cache), count, blob.subarray(end)]);
}

/** The only place from which a list of modules goes exactly to the end. */
function codeCacheAt(snapshot: Buffer, start: number): number {
  for (let at = start; at + 8 < snapshot.length; at++) {
    const count = lengthAt(snapshot, at);
    if (count > 0 && count < 10_000 && isCodeCache(snapshot, at + 8, count)) return at;
  }
  throw new Error("This Node stores its code cache in another way");
}

function isCodeCache(snapshot: Buffer, start: number, count: number): boolean {
  let at = start;
  for (let entry = 0; entry < count; entry++) {
    const bytes = at + 8 + lengthAt(snapshot, at);
    if (bytes > at + 108 || !/^[\w/.-]+$/.test(snapshot.toString("latin1", at + 8, bytes))) return false;
    at = bytes + 8 + lengthAt(snapshot, bytes);
  }
  return at === snapshot.length;
}

/** @returns Infinity if the bytes end before, or the number is too large. */
const lengthAt = (bytes: Buffer, at: number): number =>
  at + 8 <= bytes.length && bytes.readUInt32LE(at + 4) === 0 ? bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY;

/** Called with the path of Node's SEA configuration. */
if (process.argv[1] === import.meta.filename) {
  const { output } = JSON.parse(readFileSync(process.argv[2] as string, "utf8"));
  writeFileSync(output, withoutCodeCache(readFileSync(output)));
}
