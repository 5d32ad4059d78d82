import { hasControls, replaceControls } from "../text/escape.ts";

/** Words that no shell interprets; not `=ls`, which zsh replaces with the path of a program. */
const SAFE = /^(?!=)[\w@%+=:,./-]+$/;

/** Words that a shell interprets at the start of a command: assignments and reserved words (POSIX 2.4 and bash). */
const OWN =
  /^(?:[A-Za-z_]\w*\+?=|(?:case|coproc|do|done|elif|else|esac|fi|for|function|if|in|select|then|time|until|while)$)/;

const single = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * Quotes a word for a POSIX shell: bare if no character is special, in double quotes if only an apostrophe is special,
 * in single quotes otherwise. Control characters are kept, because POSIX has no escape for them.
 */
export function quoteWord(word: string): string {
  if (SAFE.test(word)) return word;
  return word.includes("'") && !/["$`\\!]/.test(word) ? `"${word}"` : single(word);
}

/**
 * Quotes a word with visible control characters, for text that people copy: `$'…'` (POSIX 2024; bash,
 * zsh, ksh, busybox). In octal, because digits can follow, and in UTF-8 for every locale.
 */
export function quoteVisibly(word: string): string {
  if (!hasControls(word)) return quoteWord(word);
  return `$'${replaceControls(word.replaceAll(/[\\']/g, "\\$&"), octal)}'`;
}

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const octal = (control: string) =>
  SHORT[control] ?? Array.from(Buffer.from(control), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");

/** Quotes a command, so that its first word is neither an assignment nor a reserved word. */
export const quoteWords = (words: readonly string[]): string => joined(words, quoteWord);

/** Quotes a command with visible control characters. */
export const quoteWordsVisibly = (words: readonly string[]): string => joined(words, quoteVisibly);

const joined = (words: readonly string[], quote: (word: string) => string) =>
  words.map((word, index) => (index === 0 && OWN.test(word) ? single(word) : quote(word))).join(" ");
