import { dirname } from "node:path";
import { isScalar, Lexer, LineCounter, parseDocument } from "yaml";
import { badManifest, fileProblem, manifestTooLarge } from "../../errors/manifest.ts";
import type { Inherited } from "../env.ts";
import { maxDepth, type Reading } from "../schema/schema.ts";
import { decodeText } from "../text.ts";
import { type Manifest, readManifest } from "./manifest-schema.ts";
import { toTree } from "./manifest-tree.ts";

/** In bytes. Invalid YAML takes the YAML library much longer than valid YAML. */
const maxSize = 128 * 1024;
/** Maximum number of lexemes; a line has about eight. */
const maxLexemes = 50_000;
/** In characters, of all interpolated texts together. */
const maxFilled = 4 * 1024 * 1024;
const maxShown = 20;

/**
 * Parses `oneoff.yaml` (YAML 1.2, one document). An empty file is a manifest without apps.
 * @param file the path of the file, for errors and relative paths.
 * @param variables the environment for interpolation; its HOME is `~`.
 * @param commands of oneoff, which aliases begin with.
 * @throws `bad-manifest` with one line per mistake, as `file:line:column: problem`; syntax errors hide the
 * others. `not-text` for bytes that are not UTF-8.
 */
export function parseManifest(
  bytes: Uint8Array,
  file: string,
  variables: Inherited,
  commands: ReadonlySet<string> = new Set(),
): Manifest {
  if (bytes.length > maxSize) throw manifestTooLarge(file, bytes.length, maxSize);
  const text = decodeText(bytes, file);
  if (hasMoreLexemes(text, maxLexemes)) throw badManifest([`${file}: ${fileProblem.words(maxLexemes)}`]);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: "error",
  });

  const mistakes = new Map<string, number>();
  const where = (at: number) => {
    const { line, col } = lines.linePos(at);
    return `${file}:${line}:${col}`;
  };
  const reading: Reading = {
    folder: dirname(file),
    variables,
    room: { left: maxFilled },
    line: (at) => lines.linePos(at).line,
    where,
    wrong: (at, problem) => void mistakes.set(`${where(at)}: ${problem}`, at),
    unset: () => {},
  };

  let line = 0;
  const problems = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  const exhausted = problems.find(({ code }) => code === "RESOURCE_EXHAUSTION");
  for (const { code, message, pos } of exhausted ? [exhausted] : problems) {
    const here = reading.line(pos[0]);
    // Further mistakes on the same line are usually caused by the first one.
    if (here !== line) reading.wrong(pos[0], syntaxProblem(code, message));
    line = here;
  }
  const { contents } = document;
  const empty = contents === null || (isScalar(contents) && contents.value === null);
  const manifest =
    mistakes.size > 0 || empty ? { apps: new Map() } : readManifest(toTree(contents, reading), reading, commands);

  if (manifest !== undefined && mistakes.size === 0) return manifest;
  const sorted = [...mistakes].sort(([, a], [, b]) => a - b).map(([text]) => text);
  const rest = sorted.splice(maxShown).length;
  throw badManifest(rest > 0 ? [...sorted, `${file}: ${fileProblem.more(rest)}`] : sorted);
}

export function hasMoreLexemes(text: string, most: number): boolean {
  let count = 0;
  for (const _ of new Lexer().lex(text)) if (++count > most) return true;
  return false;
}

/** A YAML mistake without text of the file. @param code the code of the YAML library. */
export function syntaxProblem(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return fileProblem.documents();
  if (code === "NON_STRING_KEY") return fileProblem.key();
  if (code === "TAG_RESOLVE_FAILED") return fileProblem.tag();
  if (code === "RESOURCE_EXHAUSTION") return fileProblem.depth(maxDepth);
  // The parser quotes the text at the mistake, which may be part of a secret.
  const plain = message.replace(/(?<=\w): .*$|(?<=escape sequence|Unknown directive) .*$/s, "");
  return plain.charAt(0).toLowerCase() + plain.slice(1);
}
