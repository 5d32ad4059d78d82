/** One instruction, with its continuation lines joined. */
export interface Instruction {
  /** In upper case: `FROM`. */
  readonly keyword: string;
  /** Its words: quotes are left in them. */
  readonly args: readonly string[];
  /** Where it begins. */
  readonly line: number;
}

export interface Dockerfile {
  /** The image that is to read it, as `# syntax=` says. */
  readonly syntax: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** What may not be broken up at white space. */
const WORD = /(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+|["'\\]/g;

const HEREDOC = /^\d*<<(-?)(["']?)([^\s<"']+)\2$/;

/**
 * Takes a Dockerfile apart, as far as is needed to tell which images it builds on. It judges nothing: that is the
 * builder's business. See https://docs.docker.com/reference/dockerfile.
 */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const directives = readDirectives(lines);
  const sign = directives.get("escape") === "`" ? "`" : "\\";
  const continued = new RegExp(`(^|[^\\${sign}])\\${sign}[ \\t]*$`);
  const instructions: Instruction[] = [];
  for (let at = 0; at < lines.length; at++) {
    if (isComment(lines[at] ?? "")) continue;
    const line = at + 1;
    let statement = "";
    for (let more = true; more && at < lines.length; at++) {
      const part = lines[at] ?? "";
      if (isComment(part) || (statement !== "" && part.trim() === "")) continue;
      more = continued.test(part);
      statement += more ? part.replace(continued, "$1") : part;
    }
    at--;
    const [keyword, ...words] = statement.match(WORD) ?? [];
    if (keyword === undefined) continue;
    instructions.push({ keyword: keyword.toUpperCase(), args: words, line });
    if (/^(RUN|COPY|ADD)$/i.test(keyword)) at = afterHeredocs(words, lines, at);
  }
  return { syntax: directives.get("syntax"), instructions };
}

const isComment = (line: string) => /^\s*#/.test(line);

/** They stand at the very top; the first line that is none ends them. */
function readDirectives(lines: readonly string[]): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^#\s*([a-z][a-z0-9]*)\s*=\s*(.+?)\s*$/i.exec(line) ?? [];
    if (name === undefined || value === undefined) break;
    directives.set(name.toLowerCase(), value);
  }
  return directives;
}

/** @returns the last line of the documents that an instruction has below it; one without an end is none. */
function afterHeredocs(words: readonly string[], lines: readonly string[], at: number): number {
  let last = at;
  for (const word of words) {
    const [, dash, , end] = HEREDOC.exec(word) ?? [];
    if (end === undefined) continue;
    const found = lines.findIndex((line, index) => index > last && (dash ? line.replace(/^\t+/, "") : line) === end);
    if (found > 0) last = found;
  }
  return last;
}
