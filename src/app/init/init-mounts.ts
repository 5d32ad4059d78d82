import type { Node } from "../schema.ts";
import { itemsOf, textOf, valuesOf } from "./init-compose-tree.ts";
import type { Value } from "./init-yaml.ts";

/** A mount, and where it is in the container. The mount is undefined when oneoff.yaml cannot say it. */
export interface ComposeMount {
  readonly target: string;
  readonly mount: Value | undefined;
}

/**
 * A service's `volumes` and `tmpfs`, one a target: of several the last counts, as in Compose.
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
    // Its options, as in `/run:size=64m`, are no loss to a one-off.
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

/** To Compose, everything with a dot in front is a path; to oneoff.yaml and the engine, only `./` and `../`. */
function sourceOf(source: string, volumeName: (name: string) => string): string {
  if (/^\.(?!\.?(?:\/|$))/.test(source)) return `./${source}`;
  return /^(?:[./~]|$)|\$/.test(source) ? source : volumeName(source);
}

function long(node: Node, volumeName: (name: string) => string): ComposeMount {
  const given = valuesOf(node);
  const [type, source, target = "", readOnly] = ["type", "source", "target", "read_only"].map((key) =>
    textOf(given.get(key)),
  );
  if (type !== "bind" && type !== "volume" && type !== "tmpfs") return { target, mount: undefined };
  // Another part of the volume than all of it would be another mount.
  if (valuesOf(given.get("volume")).has("subpath")) return { target, mount: undefined };
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

/** What stands between colons, those inside `${NAME:-default}` apart. */
function fields(line: string): string[] {
  const found = [""];
  let open = 0;
  for (const piece of line.match(/\$\$|\$\{|[\s\S]/g) ?? []) {
    if (piece === "${") open += 1;
    if (piece === "}" && open > 0) open -= 1;
    if (piece === ":" && open === 0) found.push("");
    else found[found.length - 1] += piece;
  }
  return found;
}
