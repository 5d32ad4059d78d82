import { fileProblem } from "../errors/manifest.ts";
import { type Entry, maxDepth, type Node, type Reading } from "./schema/schema.ts";

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;
const ESCAPE = /["\\/bfnrt]|u[0-9a-fA-F]{4}/y;

/**
 * Parses JSON with `//` and block comments and trailing commas. The YAML library cannot parse it: `//` is text in YAML,
 * and YAML accepts much that is not JSON.
 * A syntax error hides other mistakes. Of several on one line, only the first is reported.
 * @returns undefined for an empty file.
 */
export function parseJsonText(text: string, { line, wrong }: Pick<Reading, "line" | "wrong">): Node | undefined {
  let at = 0;
  /** The line of the last mistake. */
  let complained = 0;
  let lost = false;

  function complain(place: number, problem: string): void {
    if (lost) return;
    const here = line(place);
    if (here !== complained) wrong(place, problem);
    complained = here;
  }

  /** Reports a syntax error; the rest of the text is skipped. */
  function lose(place: number, problem: string): void {
    complain(place, problem);
    lost = true;
    at = text.length;
  }

  function take(pattern: RegExp): string {
    pattern.lastIndex = at;
    const [match = ""] = pattern.exec(text) ?? [];
    at += match.length;
    return match;
  }

  /** @returns the next character after white space and comments; empty at the end. */
  function next(): string {
    for (;;) {
      take(/[ \t\r\n]*/y);
      if (text.startsWith("//", at)) take(/[^\n]*/y);
      else if (text.startsWith("/*", at)) {
        const end = text.indexOf("*/", at + 2);
        if (end < 0) lose(at, fileProblem.unclosedComment());
        else at = end + 2;
      } else return text[at] ?? "";
    }
  }

  /** The character at this position. A longer excerpt could contain part of a secret. */
  function character(): string {
    const sign = text[at] ?? "";
    if (sign === "") return "the end of the file";
    if (sign === '"') return "a string";
    if (/\s/.test(sign)) return "white space that JSON does not allow";
    return /[{}[\],:/]/.test(sign) ? `"${sign}"` : "a word or a number";
  }

  /** @param wanted completes "expected …". */
  const expected = (wanted: string) => fileProblem.syntax(wanted, character());

  function string(): string {
    const start = at;
    let isPlain = true;
    for (at += 1; at < text.length; at += 1) {
      const sign = text[at] as string;
      if (sign === "\n" || sign === "\r") break;
      if (sign === '"') {
        at += 1;
        return isPlain ? JSON.parse(text.slice(start, at)) : "";
      }
      const isEscape = sign === "\\";
      ESCAPE.lastIndex = at + 1;
      if (isEscape ? !ESCAPE.test(text) : sign < " ") {
        complain(at, isEscape ? fileProblem.escape() : fileProblem.control());
        isPlain = false;
      } else if (isEscape) at += 1;
    }
    lose(start, fileProblem.unclosedString());
    return "";
  }

  function value(depth: number): Node {
    const sign = next();
    const start = at;
    if (sign === '"') return { at: start, kind: "text", written: string() };
    if ((sign === "{" || sign === "[") && depth >= maxDepth) lose(at, fileProblem.depth(maxDepth));
    else if (sign === "{") return map(depth + 1);
    else if (sign === "[") return list(depth + 1);
    const written = take(/[^\s{}[\],:/"]*/y);
    if (written === "true" || written === "false") return { at: start, kind: "truth", written };
    if (written === "null") return { at: start, kind: "nothing" };
    if (NUMBER.test(written)) return { at: start, kind: "number", written };
    if (written === "") lose(at, expected("a value"));
    else if (/^[-+.]?\d/.test(written))
      complain(start, fileProblem.syntax("a value", "a number that is not valid in JSON"));
    else complain(start, fileProblem.syntax("a value", "a word without double quotes"));
    return { at: start, kind: "broken" };
  }

  /** Reads to the closing bracket or brace. */
  function enclosed(close: "]" | "}", item: () => void): void {
    at += 1;
    while (!lost && next() !== close) {
      item();
      if (next() === ",") at += 1;
      else if (next() !== close) complain(at, expected(`"," or "${close}"`));
    }
    at += 1;
  }

  function list(depth: number): Node {
    const start = at;
    const items: Node[] = [];
    enclosed("]", () => items.push(value(depth)));
    return { at: start, kind: "list", items };
  }

  function map(depth: number): Node {
    const start = at;
    const entries = new Map<string, Entry>();
    enclosed("}", () => {
      const place = at;
      const isQuoted = text[at] === '"';
      const key = isQuoted ? string() : take(/[^\s{}[\],:/"]*/y);
      if (key === "" && !isQuoted) return lose(at, expected("a key in double quotes"));
      if (!isQuoted) complain(place, fileProblem.syntax("a key in double quotes", "a key without them"));
      if (next() === ":") at += 1;
      else complain(at, expected(`":" after the key`));
      const entry = { key, at: place, value: value(depth) };
      const first = entries.get(key);
      // Invalid keys may look alike.
      if (!first) entries.set(key, entry);
      else if (complained === 0) wrong(place, fileProblem.twice(key, line(first.at)));
    });
    return { at: start, kind: "map", entries: [...entries.values()] };
  }

  if (next() === "" && !lost) return undefined;
  const root = value(0);
  if (next() !== "") complain(at, expected("the end of the file"));
  return complained > 0 ? { at: 0, kind: "broken" } : root;
}
