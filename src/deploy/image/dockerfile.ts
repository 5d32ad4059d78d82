/** An instruction with its continuation lines. */
export interface Instruction {
  /** In upper case, e.g. `FROM`. */
  readonly keyword: string;
  /** With quotes. */
  readonly args: readonly string[];
  /** First line. */
  readonly line: number;
}

export interface Dockerfile {
  /** The frontend image in `# syntax=`. */
  readonly syntax: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** A word, which may contain quoted white space. */
const WORD = /(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+|["'\\]/g;

const HEREDOC = /^\d*<<(-?)(["']?)([^\s<"']+)\2$/;

/**
 * Parses a Dockerfile as far as required to find its base images. The builder reports errors.
 * See https://docs.docker.com/reference/dockerfile.
 */
export function parseDockerfile(text: string): Dockerfile {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const directives = readDirectives(lines);
  const escapeChar = directives.get("escape") === "`" ? "`" : "\\";
  const continued = new RegExp(`(^|[^\\${escapeChar}])\\${escapeChar}[ \\t]*$`);
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
    const [keyword, ...args] = statement.match(WORD) ?? [];
    if (keyword === undefined) continue;
    instructions.push({ keyword: keyword.toUpperCase(), args, line });
    if (/^(RUN|COPY|ADD)$/i.test(keyword)) at = afterHeredocs(args, lines, at);
  }
  return { syntax: directives.get("syntax"), instructions };
}

const isComment = (line: string) => /^\s*#/.test(line);

/** Directives are the first lines of a Dockerfile. */
function readDirectives(lines: readonly string[]): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^#\s*([a-z][a-z0-9]*)\s*=\s*(.+?)\s*$/i.exec(line) ?? [];
    if (name === undefined || value === undefined) break;
    directives.set(name.toLowerCase(), value);
  }
  return directives;
}

/** @returns the last line of the heredocs of an instruction; an unterminated heredoc is ignored. */
function afterHeredocs(args: readonly string[], lines: readonly string[], at: number): number {
  let last = at;
  for (const word of args) {
    const [, dash, , end] = HEREDOC.exec(word) ?? [];
    if (end === undefined) continue;
    const endLine = lines.findIndex((line, index) => index > last && (dash ? line.replace(/^\t+/, "") : line) === end);
    if (endLine > 0) last = endLine;
  }
  return last;
}
