import { LineCounter } from "yaml";
import type { OneoffError } from "../errors/error.ts";
import { mistake } from "../errors/manifest.ts";
import { parseJsonText } from "./json-text.ts";
import { type Node, type Reading, read, type Shape } from "./schema.ts";
import { decodeText } from "./text.ts";

const maxShown = 20;

/**
 * Reads a file of JSON with comments. There are no variables in it, and no paths.
 * @param refuse what is thrown of all mistakes, one a line, as `file:line:column: what is wrong`.
 * @returns undefined when there is nothing in it.
 * @throws what `refuse` returns; `not-text` for bytes that are not UTF-8.
 */
export function readJson<T>(
  bytes: Uint8Array,
  file: string,
  shape: Shape<T>,
  refuse: (mistakes: string[]) => OneoffError,
): T | undefined {
  const text = decodeText(bytes, file);
  const lines = new LineCounter();
  for (let feed = -1; feed !== 0; feed = text.indexOf("\n", feed) + 1) lines.addNewLine(Math.max(feed, 0));
  const mistakes = new Map<string, number>();
  const where = (at: number) => {
    const { line, col } = lines.linePos(at);
    return `${file}:${line}:${col}`;
  };
  const reading: Reading = {
    folder: "",
    variables: {},
    room: { left: 0 },
    line: (at) => lines.linePos(at).line,
    where,
    wrong: (at, problem) => void mistakes.set(`${where(at)}: ${problem}`, at),
    unset: () => {},
  };
  const root: Node | undefined = parseJsonText(text, reading);
  const value = root && read(shape, root, "", reading);
  if (mistakes.size === 0) return value;
  const sorted = [...mistakes].sort(([, a], [, b]) => a - b).map(([text]) => text);
  const rest = sorted.splice(maxShown).length;
  throw refuse(rest > 0 ? [...sorted, `${file}: ${mistake.more(rest)}`] : sorted);
}
