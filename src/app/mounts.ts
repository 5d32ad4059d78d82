import { isAbsolute, posix, resolve } from "node:path";
import { badMount, badVolume } from "../errors/app.ts";
import { quoted } from "../text/quoted.ts";

export interface Mount {
  readonly type: "bind" | "volume" | "tmpfs";
  readonly source?: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** Normalizes a path in a container: `/s`, `/s/` and `/s/../s` are one target. */
export const targetPath = (target: string): string => posix.resolve("/", target);

/**
 * Parses `SOURCE:TARGET[:OPTIONS]`. A relative source is resolved against `cwd`; a plain name is a volume.
 * @returns the mount in the engine's format with its options; undefined for anything else.
 */
export function volumeOf(text: string, cwd: string): string | undefined {
  const [source = "", target = "", ...options] = text.split(":");
  const bare = target === "" && options.length === 0 && !text.includes(":");
  if (bare && isAbsolute(source)) return source;
  if (source === "" || !isAbsolute(target) || options.length > 1) return undefined;
  return [/^\.{1,2}(\/|$)/.test(source) ? resolve(cwd, source) : source, target, ...options].join(":");
}

/** @throws `bad-volume` if `volumeOf` returns undefined. */
export function parseVolume(text: string, cwd: string): string {
  const volume = volumeOf(text, cwd);
  if (volume === undefined) throw badVolume(text);
  return volume;
}

const KEYS: Readonly<Record<string, "type" | "source" | "target" | "readonly">> = {
  type: "type",
  source: "source",
  src: "source",
  target: "target",
  dst: "target",
  destination: "target",
  readonly: "readonly",
  ro: "readonly",
};

/** Parses docker's `type=bind,source=/src,target=/dst,readonly`; the default type is `volume`. */
export function parseMount(text: string, cwd: string): Mount {
  const fields = new Map<string, string>();
  for (const field of text.split(",")) {
    const [key = "", ...value] = field.split("=");
    const known = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (!known) throw badMount(text, `unknown key ${quoted(key)}`);
    fields.set(known, value.length === 0 ? "true" : value.join("="));
  }
  const type = fields.get("type") ?? "volume";
  const readOnly = fields.get("readonly") ?? "false";
  if (!/^(true|false|1|0)$/.test(readOnly)) throw badMount(text, "readonly: expected true, false or no value");
  const isReadOnly = readOnly === "true" || readOnly === "1";
  const mount = mountOf(type, fields.get("source"), fields.get("target") ?? "", isReadOnly, cwd);
  if (typeof mount === "string") throw badMount(text, mount);
  return mount;
}

/** @returns the mount, or the problem. */
export function mountOf(
  type: string,
  source: string | undefined,
  target: string,
  readOnly: boolean,
  cwd: string,
): Mount | string {
  if (type !== "bind" && type !== "volume" && type !== "tmpfs")
    return `unknown type ${quoted(type)}; expected bind, volume or tmpfs`;
  if (!isAbsolute(target)) return "expected an absolute target";
  if (type === "bind" && !source) return "expected a source for a bind mount";
  return { type, target, readOnly, ...(source && { source: type === "bind" ? resolve(cwd, source) : source }) };
}
