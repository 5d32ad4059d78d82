import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Scalar, type Node as YamlNode } from "yaml";
import { badManifest, manifestTooLarge, mistake } from "../errors.ts";
import { type Manifest, readManifest } from "./manifest-schema.ts";
import type { Entry, Node, Wrong } from "./schema.ts";
import { decodeText } from "./text.ts";

/** In bytes. */
const maxSize = 1024 * 1024;
/** Values reached through aliases: enough for an `env` shared by many apps, too few to eat the memory. */
const maxRepeated = 10_000;
const maxDepth = 32;
const maxShown = 20;

/**
 * Reads `oneoff.yaml` (YAML 1.2, one document). An empty file is a manifest without apps.
 * @param file the name of the file, for errors.
 * @throws `bad-manifest` with every mistake, one a line, as `file:line:column: what is wrong`; syntax errors hide the
 * others. `not-text` for bytes that are not UTF-8.
 */
export function parseManifest(bytes: Uint8Array, file: string): Manifest {
  if (bytes.length > maxSize) throw manifestTooLarge(file, bytes.length, maxSize);
  const lines = new LineCounter();
  const document = parseDocument(decodeText(bytes, file), {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: "error",
  });

  const mistakes = new Map<string, number>();
  const wrong: Wrong = (at, problem) => {
    const { line, col } = lines.linePos(at);
    mistakes.set(`${file}:${line}:${col}: ${problem}`, at);
  };

  let line = 0;
  const problems = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  const exhausted = problems.find(({ code }) => code === "RESOURCE_EXHAUSTION");
  for (const { code, message, pos } of exhausted ? [exhausted] : problems) {
    const here = lines.linePos(pos[0]).line;
    // What follows on the same line is mostly the parser finding its way again.
    if (here !== line) wrong(pos[0], syntaxProblem(code, message));
    line = here;
  }
  const { contents } = document;
  const empty = contents === null || (isScalar(contents) && contents.value === null);
  const manifest = mistakes.size > 0 || empty ? {} : readManifest(toTree(contents, lines, wrong), "", wrong);

  if (manifest !== undefined && mistakes.size === 0) return { apps: new Map(), ...manifest };
  const sorted = [...mistakes].sort(([, a], [, b]) => a - b).map(([text]) => text);
  const rest = sorted.splice(maxShown).length;
  throw badManifest(rest > 0 ? [...sorted, `${file}: ${mistake.more(rest)}`] : sorted);
}

function syntaxProblem(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return mistake.documents();
  if (code === "NON_STRING_KEY") return mistake.key();
  if (code === "TAG_RESOLVE_FAILED") return mistake.tag();
  if (code === "RESOURCE_EXHAUSTION") return mistake.depth(maxDepth);
  // The parser quotes the text it stumbles over, which may be part of a secret.
  const plain = message.replace(/(?<=\w): .*$|(?<=sequence) .*$/s, "");
  return plain.charAt(0).toLowerCase() + plain.slice(1);
}

/** The document without YAML: aliases followed, keys strings and each once. */
function toTree(root: YamlNode | null, lines: LineCounter, wrong: Wrong): Node {
  const anchors = new Map<string, YamlNode>();
  let repeated = 0;

  function tree(node: unknown, place: number, depth: number, aliased: boolean): Node {
    if (!isAlias(node) && !isScalar(node) && !isMap(node) && !isSeq(node)) return { at: place, kind: "nothing" };
    const at = node.range?.[0] ?? place;
    const broken = (problem?: string): Node => {
      if (problem) wrong(at, problem);
      return { at, kind: "broken" };
    };
    if (aliased && ++repeated > maxRepeated) {
      return broken(repeated === maxRepeated + 1 ? mistake.aliases(maxRepeated) : undefined);
    }
    if (depth > maxDepth) return broken(mistake.depth(maxDepth));
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      return target ? { ...tree(target, at, depth + 1, true), at } : broken(mistake.noAnchor(node.source));
    }
    // An anchor may be defined anew: an alias means the last one above it, so those met again through it don't count.
    if (node.anchor && !aliased) anchors.set(node.anchor, node);
    if (isScalar(node)) return scalar(node, at, place);
    if (isSeq(node)) {
      return { at, kind: "list", items: node.items.map((item) => tree(item, at, depth + 1, aliased)) };
    }

    const entries = new Map<string, Entry>();
    for (const { key, value } of node.items) {
      const name = tree(key, at, depth + 1, aliased);
      if (name.kind !== "text") {
        if (name.kind !== "broken") wrong(name.at, mistake.key());
        continue;
      }
      const first = entries.get(name.written);
      if (first) wrong(name.at, mistake.twice(name.written, lines.linePos(first.at).line));
      const entry = { key: name.written, at: name.at, value: tree(value, name.at, depth + 1, aliased) };
      if (!first) entries.set(entry.key, entry);
    }
    return { at, kind: "map", entries: [...entries.values()] };
  }

  return tree(root, 0, 0, false);
}

function scalar({ value, source }: Scalar, at: number, place: number): Node {
  // A value that is not there is best looked for at its key.
  if (value === null) return { at: source ? at : place, kind: "nothing" };
  if (typeof value === "string") return { at, kind: "text", written: value };
  return { at, kind: typeof value === "boolean" ? "truth" : "number", written: source ?? String(value) };
}
