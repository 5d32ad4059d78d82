/** Unquoted characters that need a shell. */
const syntax = new Set("|&;<>()*?[]{}~!$`\n");
/** Characters that a backslash escapes inside double quotes (POSIX 2.2.3). */
const escapable = new Set('$`"\\');
/** Commands that only a shell can run: images have no such programs. */
const builtins = new Set(". : builtin cd command eval exec exit export set source trap ulimit umask unset".split(" "));

/**
 * Splits `line` into words as a POSIX shell does, with quotes and backslashes; undefined if the line needs a shell:
 * expansions, operators, globs, comments, assignments, built-in commands, unclosed quotes.
 */
export function splitWords(line: string): string[] | undefined {
  const words = lexWords(line);
  if (/^[ \t]*[A-Za-z_]\w*=/.test(line) || builtins.has(words?.[0] ?? "")) return undefined;
  return words;
}

/**
 * Whether a single argument is a shell command line: it has white space, quotes or shell syntax.
 * A plain name is not, even the name of a built-in, nor is `A=b`: the engine reports that the program does not exist.
 */
export function needsShell(word: string): boolean {
  if (word === "") return false;
  const words = lexWords(word);
  return words?.length !== 1 || words[0] !== word;
}

/**
 * The argv of a Procfile command with additional arguments.
 *
 * A shell line gets the arguments as positional parameters, in front of a final `;`, `&` or comment, so that they
 * reach the last command of the line: in `a && b` only `b` sees them. A line that ends in `fi`, `done`, `}` or `)`
 * cannot take arguments, and the shell reports that. A line with an open quote or a dangling operator is kept, so that
 * the shell reports the error in the user's text.
 */
export function procfileArgv(command: string, extra: readonly string[], shell = "sh"): string[] {
  const words = splitWords(command);
  if (words !== undefined) return [...words, ...extra];
  if (extra.length === 0) return [shell, "-c", command];
  return [shell, "-c", withParameters(command), shell, ...extra];
}

function withParameters(command: string): string {
  const { at, open } = bare(command);
  if (open) return command;
  const comment = at.at(-1) ?? 0;
  const text = isComment(command, at, at.length - 1) ? command.slice(0, comment) : command;
  const operator = (line: string) => {
    const last = line.trimEnd().length - 1;
    return at.includes(last) && ";&|".includes(line[last] ?? " ") ? last : undefined;
  };
  const last = operator(text);
  const body = text.slice(0, last);
  if (operator(body) !== undefined || text[last ?? -1] === "|") return command;
  // A backslash at the end is literal and must not escape the appended space.
  const end = /(?<!\\)(?:\\\\)*\\$/.test(body) ? "\\" : "";
  return `${body}${end} "$@"${text[last ?? -1] === "&" ? " &" : ""}`;
}

/** Whether the n-th unquoted position begins a word: it is the first, or follows an unquoted separator. */
export function startsWord(line: string, at: readonly number[], n: number, ends = /\s/): boolean {
  const i = at[n];
  return i === 0 || (i !== undefined && at[n - 1] === i - 1 && ends.test(line[i - 1] ?? ""));
}

const isComment = (line: string, at: readonly number[], n: number) =>
  line[at[n] ?? -1] === "#" && startsWord(line, at, n, /[\s;&|()<>]/);

/**
 * The positions in `line` outside quotes, escapes, backticks, `$(…)`, `${…}` and comments,
 * and whether one of these is unclosed.
 */
export function bare(line: string): { at: number[]; open: boolean } {
  const at: number[] = [];
  const closers: string[] = [];
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    const closer = closers.at(-1);
    if (c === "\\") i++;
    else if (c === closer) closers.pop();
    else if (c === "$" && (line[i + 1] === "(" || line[i + 1] === "{")) closers.push(line[++i] === "(" ? ")" : "}");
    else if (c === '"' || c === "`") closers.push(c);
    else if (c === "(" && closer === ")") closers.push(")");
    else if (c === "'" && closer !== '"') {
      i = line.indexOf("'", i + 1);
      if (i === -1) return { at, open: true };
    } else if (closer === undefined) {
      at.push(i);
      if (!isComment(line, at, at.length - 1)) continue;
      const feed = line.indexOf("\n", i);
      i = (feed === -1 ? line.length : feed) - 1;
    }
  }
  return { at, open: closers.length > 0 };
}

/**
 * Splits `line` into words with quotes and backslashes; undefined for unquoted shell syntax and unclosed quotes.
 */
export function lexWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const c = line[i] as string;
    if (c === " " || c === "\t") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (c === "'") {
      const end = line.indexOf("'", i + 1);
      if (end === -1) return undefined;
      word = (word ?? "") + line.slice(i + 1, end);
      i = end;
    } else if (c === '"') {
      word ??= "";
      for (i++; line[i] !== '"'; i++) {
        const q = line[i];
        if (q === undefined || q === "$" || q === "`" || (q === "\\" && line[i + 1] === "\n")) return undefined;
        word += q === "\\" && escapable.has(line[i + 1] ?? "") ? line[++i] : q;
      }
    } else if (c === "\\") {
      const next = line[++i];
      if (next === undefined || next === "\n") return undefined;
      word = (word ?? "") + next;
    } else if (syntax.has(c) || (c === "#" && word === undefined)) return undefined;
    else word = (word ?? "") + c;
  }
  return word === undefined ? words : [...words, word];
}
