import { envNameSpaced, envNoName } from "../errors/app.ts";
import { decodeText } from "./text.ts";

/** Variables by name, in the order of their first occurrence. */
export type Env = ReadonlyMap<string, string>;

/** The environment of oneoff: the source of a name without a value. */
export type Inherited = Readonly<Record<string, string | undefined>>;

/**
 * Parses a file in the format of docker's `--env-file`: a line is `NAME=VALUE`, or `NAME` for an inherited value,
 * skipped when there is none. The value is everything after the first `=`, quotes, `#` and trailing white space
 * included; only a line's leading white space and one carriage return at its end are dropped. Blank lines, and lines
 * that begin with `#`, are skipped. The last of several values for a name wins.
 * Unlike docker, it has no limit for lines, and errors never contain a value: any line may be a secret.
 * @param source the file's name, for errors.
 * @throws `not-text` or `bad-env`, with the line.
 */
export function parseEnvFile(bytes: Uint8Array, source: string, inherited: Inherited): Env {
  const env = new Map<string, string>();
  for (const [index, raw] of decodeText(bytes, source).split("\n").entries()) {
    const line = raw.replace(/\r$/, "").replace(/^\p{White_Space}+/u, "");
    if (line === "" || line.startsWith("#")) continue;
    const where = `${source}:${index + 1}`;
    const [name, value] = split(line);
    if (name === "") throw envNoName(where);
    if (/[ \t]/.test(name)) throw envNameSpaced(where, value === undefined ? undefined : plainName(name));
    const resolved = value ?? own(inherited, name);
    if (resolved !== undefined) env.set(name, resolved);
  }
  return env;
}

/**
 * Parses the value of one `--env`: `NAME=VALUE`, or `NAME` for an inherited value.
 * @returns undefined for a name without a value that is not set in the environment.
 * @throws `bad-env` when there is no name.
 */
export function parseEnvFlag(flag: string, inherited: Inherited): [name: string, value: string] | undefined {
  const [name, value] = split(flag);
  if (name === "") throw envNoName("--env");
  const resolved = value ?? own(inherited, name);
  return resolved === undefined ? undefined : [name, resolved];
}

/**
 * Guesses whether one `--env` was meant to set several variables, e.g. `A=1;B=2`.
 * @returns the name of the variable that it sets.
 */
export const meantForSeveral = (flag: string): string | undefined =>
  /^([A-Z_][A-Z0-9_]*)=[^;]*(?:;\s*[A-Z_][A-Z0-9_]*=[^;]*)+;?$/.exec(flag)?.[1];

/** Names of variables whose whole value is quoted: docker's format keeps the quotes. */
export const quotedNames = (env: Env): string[] =>
  Array.from(env).flatMap(([name, value]) => (/^(["'])[\s\S]*\1$/.test(value) && value.length > 1 ? name : []));

/** Merges layers: later layers take precedence, and a variable keeps its first position. */
export const mergeEnv = (...layers: Env[]): Env => new Map(layers.flatMap((layer) => [...layer]));

/** Masks the value of `NAME=VALUE`, which may be a secret. */
export const maskPair = (pair: string): string => pair.replace(/=.*/s, "=***");

/** The variables in the format of the engine: `NAME=VALUE`. */
export const envList = (env: Env): string[] => Array.from(env, ([name, value]) => `${name}=${value}`);

/** Adds names without a value: the engine then removes the variable of the image. */
export const withoutUnset = (env: readonly string[], unset: readonly string[] = []) => [
  ...env.filter((pair) => !unset.some((name) => pair.startsWith(`${name}=`))),
  ...new Set(unset),
];

/** Names without a value, which remove variables of the image. */
export const unsetNames = (pairs: readonly string[]): string[] => pairs.filter((pair) => !pair.includes("="));

/** Parses `NAME=VALUE` pairs. Skips names without a value, which remove variables. */
export const parseEnvList = (pairs: readonly string[]): Env =>
  new Map(pairs.map(split).filter((pair): pair is [string, string] => pair[1] !== undefined));

/** The name of an invalid line, if it is safe to print: the text before a `=` may be part of a key or a certificate. */
function plainName(text: string): { name: string; exported: boolean } | undefined {
  const [, exported, name] = /^(export[ \t]+)?([A-Za-z_]\w*)[ \t]*$/.exec(text) ?? [];
  return name === undefined ? undefined : { name, exported: exported !== undefined };
}

function split(text: string): [name: string, value: string | undefined] {
  const equals = text.indexOf("=");
  return equals === -1 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** Ignores inherited properties such as `constructor`. */
const own = (inherited: Inherited, name: string) => (Object.hasOwn(inherited, name) ? inherited[name] : undefined);
