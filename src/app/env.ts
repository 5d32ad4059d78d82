import { envNameSpaced, envNoName } from "../errors/app.ts";
import { decodeText } from "./text.ts";

/** Variables by name, in the order they were first given. */
export type Env = ReadonlyMap<string, string>;

/** Where a name without a value takes it from: our own environment. */
export type Inherited = Readonly<Record<string, string | undefined>>;

/**
 * Reads a file in the format of Docker's `--env-file`: a line is `NAME=VALUE`, or `NAME` alone for the value inherited,
 * skipped when there is none. The value is everything after the first `=`, quotes, `#` and trailing white space
 * included; only a line's leading white space and one carriage return at its end are dropped. Blank lines, and lines
 * that begin with `#`, are skipped. The last of several values for a name wins.
 * Unlike Docker, no line is too long, and no error shows a value: any line may be a secret.
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
    const found = value ?? own(inherited, name);
    if (found !== undefined) env.set(name, found);
  }
  return env;
}

/**
 * Reads the value of one `--env`: `NAME=VALUE`, or `NAME` alone for the value inherited.
 * @returns undefined when a name alone is not set here either.
 * @throws `bad-env` when there is no name.
 */
export function parseEnvFlag(flag: string, inherited: Inherited): [name: string, value: string] | undefined {
  const [name, value] = split(flag);
  if (name === "") throw envNoName("--env");
  const found = value ?? own(inherited, name);
  return found === undefined ? undefined : [name, found];
}

/**
 * Whether one `--env` was meant to set several variables, as in `A=1;B=2`: a guess, since a value may have anything in it.
 * @returns the name of the one that it sets.
 */
export const meantForSeveral = (flag: string): string | undefined =>
  /^([A-Z_][A-Z0-9_]*)=[^;]*(?:;\s*[A-Z_][A-Z0-9_]*=[^;]*)+;?$/.exec(flag)?.[1];

/** Names of values that are in quotes as a whole, which a file of docker's format does not take away. */
export const quotedNames = (env: Env): string[] =>
  Array.from(env).flatMap(([name, value]) => (/^(["'])[\s\S]*\1$/.test(value) && value.length > 1 ? name : []));

/** All variables of all layers; the later layer wins, the place in the order stays the first. */
export const mergeEnv = (...layers: Env[]): Env => new Map(layers.flatMap((layer) => [...layer]));

/** One of those as people may see it: a value may be a secret. */
export const maskPair = (pair: string): string => pair.replace(/=.*/s, "=***");

/** As the engine takes them: `NAME=VALUE`. */
export const envList = (env: Env): string[] => Array.from(env, ([name, value]) => `${name}=${value}`);

/** The engine takes a name alone for a variable that the image is not to give. */
export const withoutUnset = (env: readonly string[], unset: readonly string[] = []) => [
  ...env.filter((pair) => !unset.some((name) => pair.startsWith(`${name}=`))),
  ...new Set(unset),
];

/** The names alone, which take variables away. */
export const unsetNames = (pairs: readonly string[]): string[] => pairs.filter((pair) => !pair.includes("="));

/** The other way round. A name alone takes a variable away, and is none. */
export const parseEnvList = (pairs: readonly string[]): Env =>
  new Map(pairs.map(split).filter((pair): pair is [string, string] => pair[1] !== undefined));

/** What may be shown of a bad name: part of a key or a certificate can stand before a `=` as well. */
function plainName(text: string): { name: string; exported: boolean } | undefined {
  const [, exported, name] = /^(export[ \t]+)?([A-Za-z_]\w*)[ \t]*$/.exec(text) ?? [];
  return name === undefined ? undefined : { name, exported: exported !== undefined };
}

function split(text: string): [name: string, value: string | undefined] {
  const equals = text.indexOf("=");
  return equals === -1 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** `constructor` and its like are no variables. */
const own = (inherited: Inherited, name: string) => (Object.hasOwn(inherited, name) ? inherited[name] : undefined);
