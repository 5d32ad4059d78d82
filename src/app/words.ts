/** What makes a line more than words, wherever it stands unquoted. */
const syntax = new Set("|&;<>()*?[]{}~!$`\n");
/** What a backslash takes the meaning of inside double quotes (POSIX 2.2.3). */
const escapable = new Set('$`"\\');
/** First words that only a shell can carry out: images have no such programs. */
const builtins = new Set(". : builtin cd command eval exec exit export set source trap ulimit umask unset".split(" "));

/**
 * The words a POSIX shell would make of `line`, quotes and backslashes honoured; undefined when it takes a shell to
 * say: expansions, operators, globs, comments, a variable set first, a built-in command, a quote that is never closed.
 */
export function splitWords(line: string): string[] | undefined {
  const words = lex(line);
  if (/^[ \t]*[A-Za-z_]\w*=/.test(line) || builtins.has(words?.[0] ?? "")) return undefined;
  return words;
}

/**
 * Whether a command given as one single word is a line for a shell: it has white space, quotes or shell syntax.
 * A bare name never is, even that of a built-in, nor is `A=b`: the engine then says that there is no such program.
 */
export function needsShell(word: string): boolean {
  if (word === "") return false;
  const words = lex(word);
  return words?.length !== 1 || words[0] !== word;
}

/**
 * The argv that runs a Procfile command with the caller's further words after it.
 *
 * What needs a shell gets the words as positional parameters, in front of a final `;`, `&` or comment, so that they
 * reach the last command of the line: in `a && b` only `b` sees them. A line that ends in `fi`, `done`, `}` or `)`
 * cannot take words, and the shell says so. One with an open quote or a dangling operator is left as it is, for the
 * shell to complain of the user's text and not of ours.
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
  // A backslash at the very end stands for itself, and must not take the space that now follows it.
  const end = /(?<!\\)(?:\\\\)*\\$/.test(body) ? "\\" : "";
  return `${body}${end} "$@"${text[last ?? -1] === "&" ? " &" : ""}`;
}

/** Whether the n-th bare position begins a word: it comes first, or after a bare character that ends one. */
export function startsWord(line: string, at: readonly number[], n: number, ends = /\s/): boolean {
  const i = at[n];
  return i === 0 || (i !== undefined && at[n - 1] === i - 1 && ends.test(line[i - 1] ?? ""));
}

const isComment = (line: string, at: readonly number[], n: number) =>
  line[at[n] ?? -1] === "#" && startsWord(line, at, n, /[\s;&|()<>]/);

/**
 * The positions in `line` that stand outside quotes, escapes, backticks, `$(…)`, `${…}` and the inside of comments,
 * and whether one of these is never closed.
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

function lex(line: string): string[] | undefined {
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
