import type { Node } from "../schema/schema.ts";
import { itemsOf, textOf, valuesOf } from "./init-compose-tree.ts";
import type { Value } from "./init-yaml.ts";

/** A mount and its target. The mount is undefined if oneoff.yaml cannot express it. */
export interface ComposeMount {
  readonly target: string;
  readonly mount: Value | undefined;
}

/**
 * `volumes` and `tmpfs` of a service. The last mount of a target takes precedence, as in Compose.
 * @param volumeName the engine's name for a volume of the file.
 */
export function composeMounts(
  service: ReadonlyMap<string, Node>,
  volumeName: (name: string) => string,
): readonly ComposeMount[] {
  const all = [
    ...itemsOf(service.get("volumes")).map((node) => {
      const line = textOf(node);
      return line === undefined ? long(node, volumeName) : short(line, volumeName);
    }),
    // Options such as `/run:size=64m` do not matter to a one-off.
    ...itemsOf(service.get("tmpfs")).map((node): ComposeMount => {
      const [target = ""] = fields(textOf(node) ?? "");
      return {
        target,
        mount: new Map([
          ["type", "tmpfs"],
          ["target", target],
        ]),
      };
    }),
  ];
  return [...new Map(all.map((one) => [one.target, one])).values()];
}

function short(line: string, volumeName: (name: string) => string): ComposeMount {
  const [source = "", target, ...rest] = fields(line);
  if (target === undefined) return { target: source, mount: source };
  return { target, mount: [sourceOf(source, volumeName), target, ...rest].join(":") };
}

/** In Compose every source that begins with a dot is a path; in oneoff.yaml and the engine only `./` and `../`. */
function sourceOf(source: string, volumeName: (name: string) => string): string {
  if (/^\.(?!\.?(?:\/|$))/.test(source)) return `./${source}`;
  return /^(?:[./~]|$)|\$/.test(source) ? source : volumeName(source);
}

function long(node: Node, volumeName: (name: string) => string): ComposeMount {
  const settings = valuesOf(node);
  const [type, source, target = "", readOnly] = ["type", "source", "target", "read_only"].map((key) =>
    textOf(settings.get(key)),
  );
  if (type !== "bind" && type !== "volume" && type !== "tmpfs") return { target, mount: undefined };
  // A subpath of a volume would be another mount.
  if (valuesOf(settings.get("volume")).has("subpath")) return { target, mount: undefined };
  const name = source !== undefined && type === "volume" && !source.includes("$") ? volumeName(source) : source;
  return {
    target,
    mount: new Map<string, Value>([
      ["type", type],
      ...(name === undefined || type === "tmpfs" ? [] : [["source", name] as const]),
      ["target", target],
      ...(readOnly === undefined || readOnly === "false"
        ? []
        : [["read-only", readOnly === "true" || readOnly] as const]),
    ]),
  };
}

/** Splits at colons, except inside `${NAME:-default}`. */
function fields(line: string): string[] {
  const parts = [""];
  let open = 0;
  for (const piece of line.match(/\$\$|\$\{|[\s\S]/g) ?? []) {
    if (piece === "${") open += 1;
    if (piece === "}" && open > 0) open -= 1;
    if (piece === ":" && open === 0) parts.push("");
    else parts[parts.length - 1] += piece;
  }
  return parts;
}
