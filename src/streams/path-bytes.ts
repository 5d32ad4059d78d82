import { isUtf8 } from "node:buffer";

/**
 * File names are bytes and may be invalid UTF-8. In strings, an invalid byte is a lone surrogate,
 * U+DC00 plus the byte, as in Python (PEP 383). Valid text has no lone surrogates, so different names stay different.
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

/** Encodes a decoded path for node:fs. */
export const fsPath = (path: string): string | Buffer => (isEscaped(path) ? pathBytes(path) : path);

/** Encodes a decoded path for the query of a URL. */
export const queryPath = (path: string): string =>
  isEscaped(path)
    ? pathBytes(path)
        .toString("latin1")
        .replace(/[\s\S]/g, percent)
    : encodeURIComponent(path);

const percent = (char: string) =>
  /[A-Za-z0-9_.~-]/.test(char) ? char : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

/**
 * Calls `read` for strings, and again for bytes only if Node replaced some: byte names are several times slower.
 */
export function readNames(read: (encoding: "utf8" | "buffer") => readonly (string | Buffer)[]): string[] {
  const names = read("utf8") as readonly string[];
  return names.some((name) => name.includes("\ufffd")) ? read("buffer").map(asPath) : [...names];
}

const asPath = (name: string | Buffer) => (typeof name === "string" ? name : decodePath(name));
