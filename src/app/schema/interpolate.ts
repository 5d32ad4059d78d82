import { fileProblem } from "../../errors/manifest.ts";
import type { Inherited } from "../env.ts";

/** Variables for interpolation, and its limits. */
export interface Filling {
  readonly variables: Inherited;
  /** Called with each variable that is not set and has no default; its value is then empty. */
  unset(variable: string): void;
  /** Remaining characters of input and output: a short file can refer to a long variable many times. */
  readonly room: { left: number };
}

const maxDepth = 16;

/**
 * Interpolates variables as in Compose: `$NAME` and `${NAME}`; `${NAME:-word}` for unset or empty, `${NAME-word}` for
 * unset only; `${NAME:?why}` and `${NAME?why}` fail; `${NAME:+word}` and `${NAME+word}` are the word if there is a
 * value, else empty. `$$` is a literal dollar. Words may contain variables. In unused words, unset variables are ignored
 * unless they are required.
 * @returns the text, or a problem that contains no value.
 */
export function fillVariables(text: string, to: Filling): { readonly filled: string } | { readonly problem: string } {
  if (!text.includes("$")) return { filled: text };
  const { variables, unset, room } = to;
  let at = 0;
  let problem: string | undefined;

  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [match = ""] = pattern.exec(text) ?? [];
    at += match.length;
    return match;
  };
  const value = (name: string) => (Object.hasOwn(variables, name) ? variables[name] : undefined);

  function plain(name: string, live: boolean): string {
    const content = value(name);
    if (content === undefined && live) unset(name);
    return content ?? "";
  }

  /** @param live whether the result is used. */
  function braced(live: boolean, depth: number): string {
    const name = take(/[A-Za-z_]\w*/y);
    const operator = name && take(/:?[-?+]/y);
    if (operator === "") {
      if (name === "" || take(/\}/y) === "") problem ??= fileProblem.dollar();
      return plain(name, live && problem === undefined);
    }
    const content = value(name);
    const isSet = content !== undefined && (operator.length === 1 || content !== "");
    const kind = operator.at(-1);
    const start = at;
    const word = words(live && isSet === (kind === "+"), depth + 1);
    // Its variables may be secrets.
    const reason = text.slice(start, at).replaceAll("$$", "$");
    if (take(/\}/y) === "") problem ??= fileProblem.dollar();
    if (kind === "+") return isSet ? word : "";
    if (isSet) return content;
    if (kind === "?") problem ??= fileProblem.required(name, operator.length === 2, reason);
    return word;
  }

  /** Reads to the end of the text, or to the closing brace. */
  function words(live: boolean, depth: number): string {
    let made = "";
    if (depth > maxDepth) problem ??= fileProblem.depth(maxDepth);
    while (problem === undefined && at < text.length) {
      made += take(depth === 0 ? /[^$]*/y : /[^$}]*/y);
      if (text[at] !== "$") break;
      at++;
      if (take(/\$/y)) made += "$";
      else if (take(/\{/y)) made += braced(live, depth);
      else {
        const name = take(/[A-Za-z_]\w*/y);
        if (name === "") problem ??= fileProblem.dollar();
        else made += plain(name, live);
      }
      if (made.length + text.length > room.left) problem ??= fileProblem.room();
    }
    return made;
  }

  const filled = words(true, 0);
  room.left -= text.length + filled.length;
  return problem === undefined ? { filled } : { problem };
}
