import { posix } from "node:path";
import { mapOf, type ValueMap } from "./value.ts";

/** The short form of a mount. */
interface MountSpec {
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
}

const PROPAGATIONS = new Set(["rprivate", "private", "rshared", "shared", "rslave", "slave"]);

/** Parses `SOURCE:TARGET:OPTIONS`; undefined for an invalid text. A drive letter belongs to its path. */
export function parseMountSpec(text: string): MountSpec | undefined {
  if (text === "") return undefined;
  if (text.length <= 2) return { source: "", target: text, options: [] };
  const parts = [""];
  for (const char of text) {
    const part = parts.at(-1) ?? "";
    if (char === ":" && !/^\p{L}$/u.test(part)) parts.push("");
    else parts[parts.length - 1] = part + char;
  }
  if (parts.length > 3 || parts.includes("")) return undefined;
  const [first = "", target, options] = parts;
  if (target === undefined) return { source: "", target: first, options: [] };
  return { source: first, target, options: options?.split(",") ?? [] };
}

/** Names that begin like a path are paths, also without a slash: `.git`. */
const isPath = (source: string) => /^([./~]|\\\\|\p{L}:)/u.test(source);

/** The long form of a short one; undefined for an invalid text. */
export function mountOf(text: string): ValueMap | undefined {
  const spec = parseMountSpec(text);
  if (!spec) return undefined;
  const { source, target, options } = spec;
  const selinux = options.findLast((option) => /^z$/i.test(option));
  const propagation = options.findLast((option) => PROPAGATIONS.has(option));
  const access = options.findLast((option) => option === "ro" || option === "rw");
  const hasBind = isPath(source) || selinux !== undefined || propagation !== undefined;
  const isNocopy = options.includes("nocopy");
  return mapOf([
    ["type", isPath(source) ? "bind" : "volume"],
    ...(source === "" ? [] : [["source", source] as const]),
    ["target", posix.normalize(target).replace(/(?<=.)\/$/, "")],
    ...(access === "ro" ? [["read_only", true] as const] : []),
    ...(hasBind
      ? [
          [
            "bind",
            mapOf([
              ...(selinux ? [["selinux", selinux] as const] : []),
              ...(propagation ? [["propagation", propagation] as const] : []),
              ...(isPath(source) ? [["create_host_path", true] as const] : []),
            ]),
          ] as const,
        ]
      : []),
    ...((isPath(source) || text.length <= 2) && !isNocopy
      ? []
      : [["volume", mapOf(isNocopy ? [["nocopy", true] as const] : [])] as const]),
  ]);
}
