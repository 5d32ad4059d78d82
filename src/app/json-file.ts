import type { OneoffError } from "../errors/error.ts";
import { fileProblem } from "../errors/manifest.ts";
import { parseJsonText } from "./json-text.ts";
import { linePositions } from "./line-positions.ts";
import { type Node, type Reading, read, type Shape } from "./schema/schema.ts";
import { decodeText } from "./text.ts";

const maxShown = 20;

/**
 * Parses a JSON file with comments, without variables and paths.
 * @param refuse creates the error from the mistakes, each as `file:line:column: problem`.
 * @returns undefined for an empty file.
 * @throws the error of `refuse`; `not-text` for bytes that are not UTF-8.
 */
export function readJson<T>(
  bytes: Uint8Array,
  file: string,
  shape: Shape<T>,
  refuse: (mistakes: string[]) => OneoffError,
): T | undefined {
  const text = decodeText(bytes, file);
  const positionOf = linePositions(text);
  const mistakes = new Map<string, number>();
  const where = (at: number) => {
    const { line, column } = positionOf(at);
    return `${file}:${line}:${column}`;
  };
  const reading: Reading = {
    folder: "",
    variables: {},
    room: { left: 0 },
    line: (at) => positionOf(at).line,
    where,
    wrong: (at, problem) => void mistakes.set(`${where(at)}: ${problem}`, at),
    unset: () => {},
  };
  const root: Node | undefined = parseJsonText(text, reading);
  const value = root && read(shape, root, "", reading);
  if (mistakes.size === 0) return value;
  const sorted = [...mistakes].sort(([, a], [, b]) => a - b).map(([text]) => text);
  const rest = sorted.splice(maxShown).length;
  throw refuse(rest > 0 ? [...sorted, `${file}: ${fileProblem.more(rest)}`] : sorted);
}
