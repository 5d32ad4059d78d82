import { Buffer, isUtf8 } from "node:buffer";
import { notText } from "../errors/app.ts";

/**
 * Decodes a text file without its byte order mark.
 * @param source the file's name, for errors.
 * @throws `not-text` with the line for invalid UTF-8 and for a NUL byte, which no argument or variable can contain.
 */
export function decodeText(bytes: Uint8Array, source: string): string {
  if (!isUtf8(bytes)) throw notText(`${source}:${lineOf(bytes, (line) => !isUtf8(line))}`, "bytes that are not UTF-8");
  if (bytes.includes(0)) throw notText(`${source}:${lineOf(bytes, (line) => line.includes(0))}`, "a NUL byte");
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
}

/** Lines can be checked one by one, because no UTF-8 sequence contains a line feed. */
function lineOf(bytes: Uint8Array, wrong: (line: Uint8Array) => boolean): number {
  let start = 0;
  for (let line = 1; ; line++) {
    const feed = bytes.indexOf(10, start);
    if (feed === -1 || wrong(bytes.subarray(start, feed))) return line;
    start = feed + 1;
  }
}
