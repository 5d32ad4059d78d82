import { badEnvSyntax, envNoName } from "../errors/app.ts";
import type { Env, Inherited } from "./env.ts";
import { fillVariables } from "./schema/interpolate.ts";
import { decodeText } from "./text.ts";

/** Sources of variables in an env file. */
export interface EnvSources {
  /** The environment of oneoff; takes precedence over variables of the file. */
  readonly inherited: Inherited;
  /** `env` of the app; takes precedence over variables of files. */
  readonly beside?: Env;
  /** Variables of earlier files. */
  readonly earlier?: Env;
  /** Called with each variable that is not set and has no default. */
  unset(variable: string): void;
}

/** Maximum number of characters of all values: a short file can refer to a long variable many times. */
const MAX_CHARS = 16 * 1024 * 1024;

// White space as Go defines it, which depends on the position. Unlike in JavaScript, U+FEFF is never white space.
const EXPORT = /export(?=[\t\n\f\r ])[\t\v\f\r \x85\xa0]*/y;
const KEY = /[\p{L}\p{N}_.[\]\t\v\f\r \x85\xa0-]*/uy;
const NAME_END = /[=:\n]/y;
const BLANKS = /[\t\v\f\r \x85\xa0]*/y;
const COMMENTS = /(?:\p{White_Space}+|#[^\n]*)*/uy;
const SPACE = /\p{White_Space}/u;
const LINE = /[^\n]*\n?/y;
const QUOTED = { "'": /'((?:\\[\s\S]|[^'\\])*)'/y, '"': /"((?:\\[\s\S]|[^"\\])*)"/y };

/**
 * Parses an env file as Compose does: quotes, `export`, comments, escapes in double quotes, multi-line values, and
 * variables outside single quotes. Errors never contain a value: any line may be a secret.
 * @param source the file's name, for errors.
 * @throws `not-text` or `bad-env`, with the line.
 */
export function parseComposeEnv(bytes: Uint8Array, source: string, sources: EnvSources): Env {
  const { inherited, beside = new Map(), earlier = new Map(), unset } = sources;
  const text = decodeText(bytes, source).replaceAll("\r\n", "\n");
  const env = new Map<string, string>();
  const room = { left: MAX_CHARS };
  let at = 0;
  let start = 0;
  const where = () => `${source}:${text.slice(0, start).split("\n").length}`;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    at += match?.[0].length ?? 0;
    return match;
  };
  const fixed: Inherited = { ...Object.fromEntries(beside), ...inherited };
  const variables: Record<string, string | undefined> = { ...Object.fromEntries(earlier), ...fixed };
  const lookup = (name: string) => (Object.hasOwn(variables, name) ? variables[name] : undefined);
  const set = (name: string, value: string) => {
    env.set(name, value);
    if (!Object.hasOwn(fixed, name)) variables[name] = value;
  };
  const expand = (value: string): string => {
    // A "$" that starts no variable name is literal, e.g. in "a$" and "$1".
    const result = fillVariables(value.replace(/\$\$|\$(?![A-Za-z_{])/g, "$$$$"), { variables, unset, room });
    if ("problem" in result) throw badEnvSyntax(where(), result.problem);
    return result.filled;
  };
  const quoted = (quote: "'" | '"'): string => {
    const match = take(QUOTED[quote]);
    if (!match) throw badEnvSyntax(where(), `expected a closing ${quote}`);
    const text = match[1] ?? "";
    return quote === "'" ? text.replaceAll("\\'", "'") : expand(unescaped(text));
  };
  const plain = (): string => {
    const line = take(LINE)?.[0] ?? "";
    return expand(trimEnd(line.split(" #", 1)[0] ?? ""));
  };

  for (take(COMMENTS); at < text.length; take(COMMENTS)) {
    start = at;
    const exported = take(EXPORT) !== null;
    const name = trimEnd(take(KEY)?.[0] ?? "");
    const end = take(NAME_END)?.[0];
    if (end === undefined && at < text.length)
      throw badEnvSyntax(where(), "invalid character in the name of the variable");
    if (exported && name === "" && end === "\n") continue;
    if (name === "") throw envNoName(where());
    if (SPACE.test(name)) throw badEnvSyntax(where(), "white space in the name of the variable");
    if (end === undefined || end === "\n") {
      const value = lookup(name);
      if (value !== undefined) set(name, value);
      continue;
    }
    take(BLANKS);
    const quote = text[at];
    set(name, quote === "'" || quote === '"' ? quoted(quote) : plain());
  }
  return env;
}

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE.test(text[end - 1] as string)) end--;
  return text.slice(0, end);
}

const LETTERS: Readonly<Record<string, string>> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** `\$` becomes `$$`, a literal dollar. Unknown escape sequences are kept. */
const unescaped = (value: string): string =>
  value.replace(/\\(?:([abfnrtv])|0([0-7]{3})|([$"\\]))/g, (_, letter?: string, octal?: string, char = "") =>
    letter
      ? (LETTERS[letter] ?? "")
      : octal
        ? String.fromCharCode(Number.parseInt(octal, 8))
        : char === "$"
          ? "$$"
          : char,
  );
