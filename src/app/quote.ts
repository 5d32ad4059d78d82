import { hasControls, replaceControls } from "../text/escape.ts";

/** What no shell makes anything else of, wherever it stands in a command; not `=ls`, for which zsh looks for a program. */
const SAFE = /^(?!=)[\w@%+=:,./-]+$/;

/** What a shell reads as its own where a command begins: a variable to set, or a reserved word (POSIX 2.4, and bash's). */
const OWN =
  /^(?:[A-Za-z_]\w*\+?=|(?:case|coproc|do|done|elif|else|esac|fi|for|function|if|in|select|then|time|until|while)$)/;

const single = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/**
 * A word as a POSIX shell reads it back: bare where nothing in it means anything to a shell, in double quotes where an
 * apostrophe is all that does, in single quotes otherwise. Control characters stay what they are: POSIX has no other way.
 */
export function quoteWord(word: string): string {
  if (SAFE.test(word)) return word;
  return word.includes("'") && !/["$`\\!]/.test(word) ? `"${word}"` : single(word);
}

/**
 * The same for what people look at before they paste it: what a terminal acts on is visible, in `$'…'` (POSIX 2024; bash,
 * zsh, ksh and busybox know it). In octal, since further digits could follow, and in UTF-8, whatever the locale.
 */
export function quoteVisibly(word: string): string {
  if (!hasControls(word)) return quoteWord(word);
  return `$'${replaceControls(word.replaceAll(/[\\']/g, "\\$&"), octal)}'`;
}

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

const octal = (control: string) =>
  SHORT[control] ?? Array.from(Buffer.from(control), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");

/** Words as one command, of which the first is never a variable to set nor a shell's reserved word. */
export const quoteWords = (words: readonly string[]): string => joined(words, quoteWord);

/** The same for what people look at before they paste it. */
export const quoteWordsVisibly = (words: readonly string[]): string => joined(words, quoteVisibly);

const joined = (words: readonly string[], quote: (word: string) => string) =>
  words.map((word, index) => (index === 0 && OWN.test(word) ? single(word) : quote(word))).join(" ");
