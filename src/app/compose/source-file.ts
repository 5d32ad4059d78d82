import { LineCounter, parseAllDocuments } from "yaml";
import { badComposeFile, composeTooLarge } from "../../errors/compose.ts";
import { fileProblem } from "../../errors/manifest.ts";
import { hasMoreLexemes, syntaxProblem } from "../manifest/manifest.ts";
import { decodeText } from "../text.ts";
import type { Path } from "./path-rules.ts";
import { placeKey, type Tree, valueTree } from "./yaml-tree.ts";

/** In bytes. */
const MAX_SIZE = 512 * 1024;
const MAX_LEXEMES = 200_000;

/** A document of a Compose file. */
export interface ComposeDocument extends Tree {
  /** `file:line:column` of the value, or of the nearest value above it. */
  where(path: Path): string;
  /** The number of keys of the path that the document has. */
  depth(path: Path): number;
}

/** @throws `bad-compose` for the first syntax error, `not-text` for bytes that are not UTF-8. */
export function readDocuments(bytes: Uint8Array, file: string): ComposeDocument[] {
  if (bytes.length > MAX_SIZE) throw composeTooLarge(file, bytes.length, MAX_SIZE);
  const text = decodeText(bytes, file);
  if (hasMoreLexemes(text, MAX_LEXEMES)) throw badComposeFile(file, fileProblem.words(MAX_LEXEMES));
  const lines = new LineCounter();
  const place = (at: number) => `${file}:${lines.linePos(at).line}:${lines.linePos(at).col}`;
  const wrong = (at: number, problem: string): never => {
    throw badComposeFile(place(at), problem);
  };
  const documents = parseAllDocuments(text, {
    schema: "failsafe",
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: "error",
  });
  return Array.from(documents, ({ contents, errors }) => {
    const [first] = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
    if (first) wrong(first.pos[0], syntaxProblem(first.code, first.message));
    const tree = valueTree(contents, wrong);
    const depth = (path: Path): number =>
      path.length === 0 || tree.places.has(placeKey(path)) ? path.length : depth(path.slice(0, -1));
    const where = (path: Path) => place(tree.places.get(placeKey(path.slice(0, depth(path)))) ?? 0);
    return { ...tree, where, depth };
  });
}
