import { isSecretName } from "./secret-name.ts";

/** Start and end in a text. */
export type Span = readonly [from: number, to: number];

/** Separators of a name and its value: `=`, `":`, `: `, ` => `. */
const SIGN = /(?:\\*["'])?\s*(?:=>|[:+]?=+|:)\s*/y;
/** A colon without a value, e.g. in the rake task `token:refresh`. */
const TIGHT = /:(?![\s"'\\=])/y;
const BLANKS = /\s+/y;
const QUOTE = /\\*["']/y;
const SCHEME = /(?:Bearer|Basic)\s+/iy;
const RUN = /\S*/y;
/** Characters that end a value after its closing quote. */
const BEYOND = /[\s,;:&|)\]}]/;

/** The spans of passwords in URLs: `scheme://user:HERE@host`. */
export const urlPasswords = (text: string): Span[] =>
  Array.from(text.matchAll(/:\/\/[^\s/:]*:([^\s/]+)@/g), ({ 0: whole, 1: password = "", index }) => {
    const end = index + whole.length - 1;
    return [end - password.length, end];
  });

/** The spans of values after the names of secrets. In doubt, a span is longer rather than shorter. */
export function namedValues(text: string): Span[] {
  const spans: Span[] = [];
  // Most words have no value, and each pattern is compiled at its first use.
  if (!/[=:\s"']/.test(text)) return spans;
  const names = /\w[\w-]*/g;
  for (let match = names.exec(text); match; match = names.exec(text)) {
    const isHeader = /authorization$/i.test(match[0]);
    if (!isHeader && !isSecretName(match[0])) continue;
    const value = valueAfter(text, [match.index, names.lastIndex], isHeader);
    if (value === undefined) continue;
    spans.push(value);
    names.lastIndex = value[1];
  }
  return spans;
}

/** @param isHeader whether the value may contain blanks and begin with a scheme. */
function valueAfter(text: string, [from, to]: Span, isHeader: boolean): Span | undefined {
  const before = text.slice(Math.max(0, from - 3), from);
  const sign = isHeader || lengthOf(TIGHT, text, to) === 0 ? lengthOf(SIGN, text, to) : 0;
  const start = to + (sign || gapOf(text, to, /(?:^|[\s"'])--?$/.test(before)));
  if (start === to) return undefined;
  const quote = lengthOf(QUOTE, text, start);
  const inside = start + quote;
  const begin = inside + (isHeader ? lengthOf(SCHEME, text, inside) : 0);
  // A quote before the name also ends the value: 'X-Api-Key: a b', "--password=a b".
  const around = lengthOf(QUOTE, text, to) === 0 ? /["'](?=-{0,2}$)/.exec(before)?.[0] : undefined;
  const closer = quote > 0 ? text.slice(start, inside) : around;
  if (closer !== undefined) {
    const end = closing(text, closer, begin);
    const next = text[end + closer.length] ?? " ";
    return [begin, BEYOND.test(next) || quote === 0 ? end : runEnd(text, end)];
  }
  return [begin, isHeader ? text.length : runEnd(text, begin)];
}

/** Blanks before a value: any value after an option, otherwise a quoted one, e.g. the SQL `PASSWORD 'x'`. */
function gapOf(text: string, at: number, isOption: boolean): number {
  const blanks = lengthOf(BLANKS, text, at);
  const next = text[at + blanks] ?? "-";
  return (isOption && next !== "-") || lengthOf(QUOTE, text, at + blanks) > 0 ? blanks : 0;
}

/** The position of the closing quote without a backslash before it, or the end of the text. */
function closing(text: string, quote: string, from: number): number {
  let at = text.indexOf(quote, from);
  while (at > 0 && text[at - 1] === "\\") at = text.indexOf(quote, at + 1);
  return at < 0 ? text.length : at;
}

/** The end of an unquoted value; a quote at its end belongs to the surrounding text. */
function runEnd(text: string, from: number): number {
  const end = from + lengthOf(RUN, text, from);
  return end > from + 1 && /["']/.test(text[end - 1] ?? "") ? end - 1 : end;
}

/** The length of the match of the pattern at a position. */
function lengthOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
