import { escapedJson } from "./escape.ts";

export const anyOf = (words: readonly string[]) =>
  words.length < 2
    ? `"${words[0]}"`
    : `${words
        .slice(0, -1)
        .map((word) => `"${word}"`)
        .join(", ")} or "${words.at(-1)}"`;

/** Escapes and truncates a user's text without quotes. */
export const plain = (text: string) => quoted(text).slice(1, -1);

/** Quotes a user's text on one line: control and bidirectional characters are escaped, and long texts are truncated. */
export const quoted = (text: string) => quotedUpTo(60, text);

/** @param longest in characters. */
export const quotedUpTo = (longest: number, text: string) =>
  escapedJson(text.length > longest ? `${text.slice(0, longest)}…` : text)
    // An invalid UTF-8 byte of a file name.
    .replace(/(?<!\\)\\udc([89a-f][0-9a-f])/g, "\\x$1");
