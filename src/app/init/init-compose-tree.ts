import { LineCounter, parseDocument } from "yaml";
import { badCompose } from "../../errors/app.ts";
import { fileProblem } from "../../errors/manifest.ts";
import { syntaxProblem } from "../manifest/manifest.ts";
import { toTree } from "../manifest/manifest-tree.ts";
import type { Node } from "../schema/schema.ts";
import { decodeText } from "../text.ts";

/** The values of a map by key; empty for other nodes. */
export type Values = ReadonlyMap<string, Node>;

/**
 * Parses the YAML of a Compose file. Tags such as `!reset` are ignored.
 * @returns the top-level values, and the maps in `services`.
 * @throws `bad-compose` for the first mistake, `not-text` for bytes that are not UTF-8.
 */
export function readCompose(bytes: Uint8Array, file: string): { readonly top: Values; readonly services: Values } {
  const lines = new LineCounter();
  const document = parseDocument(decodeText(bytes, file), {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: "error",
  });
  const line = (at: number) => lines.linePos(at).line;
  const wrong = (at: number, problem: string): never => {
    throw badCompose(`${file}:${line(at)}:${lines.linePos(at).col}`, problem);
  };
  const [first] = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (first) wrong(first.pos[0], syntaxProblem(first.code, first.message));
  const root = toTree(document.contents, { line, wrong });
  const mapAt = (node: Node, name: string): Values => {
    if (node.kind !== "map" && node.kind !== "nothing")
      wrong(node.at, fileProblem.kind(name, "a map", node.kind === "list" ? "a list" : "a single value"));
    return valuesOf(node);
  };
  const top = mapAt(root, "");
  const services = mapAt(top.get("services") ?? { at: 0, kind: "nothing" }, "services");
  for (const [name, service] of services) mapAt(service, name);
  return { top, services };
}

/** Keys of the map take precedence over keys merged with `<<`, and earlier merges over later ones. */
export function valuesOf(node: Node | undefined): Values {
  if (node?.kind !== "map") return new Map();
  const own = node.entries.map(({ key, value }) => [key, value] as const).filter(([key]) => key !== "<<");
  const merged = itemsOf(node.entries.find(({ key }) => key === "<<")?.value);
  return new Map([...merged.toReversed().flatMap((one) => [...valuesOf(one)]), ...own]);
}

/** The items of a list; a list of one for other values. */
export function itemsOf(node: Node | undefined): readonly Node[] {
  if (node === undefined || node.kind === "nothing") return [];
  return node.kind === "list" ? node.items : [node];
}

/**
 * A string, number or boolean as Compose passes it on: `1.10` becomes `1.1`, and `022` is octal.
 * @returns undefined for anything else.
 */
export function textOf(node: Node | undefined): string | undefined {
  switch (node?.kind) {
    case "text":
      return node.written;
    case "truth":
      return node.written.toLowerCase();
    case "number":
      return numberOf(node.written);
  }
  return undefined;
}

function numberOf(written: string): string {
  const [, sign = "", octal] = /^([-+]?)0([0-7]+)$/.exec(written) ?? [];
  if (octal !== undefined) return `${sign === "-" ? "-" : ""}${BigInt(`0o${octal}`)}`;
  // Numbers with more digits would lose precision.
  if (/^[-+]?\d+$|^0[xo]/.test(written)) return String(BigInt(written.replace(/^\+/, "")));
  return String(Number(written));
}
