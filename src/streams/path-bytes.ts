import { isUtf8 } from "node:buffer";

/**
 * File names are bytes, and need not be UTF-8. As strings, a byte that is no part of a UTF-8 character is a lone surrogate,
 * U+DC00 and the byte, as Python does it (PEP 383): no valid text has one, so that names that differ stay different.
 */
export function decodePath(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 2, 3, 4].find((count) => at + count <= bytes.length && isUtf8(bytes.subarray(at, at + count)));
    text += length ? bytes.toString("utf8", at, at + length) : String.fromCharCode(ESCAPE + (bytes[at] ?? 0));
    at += length ?? 1;
  }
  return text;
}

const ESCAPE = 0xdc00;

const ESCAPED = /(?<![\ud800-\udbff])[\udc80-\udcff]/;

/** The bytes of a decoded path. */
export const pathBytes = (path: string): Buffer =>
  Buffer.concat(
    path
      .split(new RegExp(`(${ESCAPED.source})`))
      .map((part) => (isEscaped(part) ? Buffer.from([part.charCodeAt(0) - ESCAPE]) : Buffer.from(part))),
  );

export const isEscaped = (path: string): boolean => !path.isWellFormed() && ESCAPED.test(path);

/** A decoded path as node:fs takes it. */
export const fsPath = (path: string): string | Buffer => (isEscaped(path) ? pathBytes(path) : path);

/** A decoded path in a URL's query. */
export const queryPath = (path: string): string =>
  isEscaped(path)
    ? pathBytes(path)
        .toString("latin1")
        .replace(/[\s\S]/g, percent)
    : encodeURIComponent(path);

const percent = (char: string) =>
  /[A-Za-z0-9_.~-]/.test(char) ? char : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/**
 * Calls `read` for strings, and again for bytes only where Node has replaced some: names in bytes take several times as long.
 */
export function readNames(read: (encoding: "utf8" | "buffer") => readonly (string | Buffer)[]): string[] {
  const names = read("utf8") as readonly string[];
  return names.some((name) => name.includes("\ufffd")) ? read("buffer").map(asPath) : [...names];
}

const asPath = (name: string | Buffer) => (typeof name === "string" ? name : decodePath(name));
