import { escapedJson } from "./escape.ts";

export const anyOf = (words: readonly string[]) =>
  words.length < 2
    ? `"${words[0]}"`
    : `${words
        .slice(0, -1)
        .map((word) => `"${word}"`)
        .join(", ")} or "${words.at(-1)}"`;

/** The same without the quotes. */
export const plain = (text: string) => quoted(text).slice(1, -1);

/** A user's text in double quotes on one line: no control or direction character reaches the terminal, long ones are cut. */
export const quoted = (text: string) => quotedUpTo(60, text);

/** @param longest in characters. */
export const quotedUpTo = (longest: number, text: string) =>
  escapedJson(text.length > longest ? `${text.slice(0, longest)}…` : text)
    // A byte of a file name that is not UTF-8.
    .replace(/(?<!\\)\\udc([89a-f][0-9a-f])/g, "\\x$1");
