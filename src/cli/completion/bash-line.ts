/** What has been typed, as bash would read it, and where bash itself begins to replace it. */
export interface BashLine {
  /** The words before the last, the program's own first. */
  readonly before: readonly string[];
  /** The last one, as far as it is typed. */
  readonly current: string;
  /** How many characters of `current` bash leaves as they are: it takes the rest for a word of its own. */
  readonly kept: number;
  /** The quote that is still open, if any. */
  readonly quote: "" | "'" | '"';
}

/**
 * @param line the command up to the cursor.
 * @param breaks COMP_WORDBREAKS: besides what separates words, where bash begins a word to complete.
 */
export function readBashLine(line: string, breaks: string): BashLine {
  const words: string[] = [];
  let word: string | undefined;
  let kept = 0;
  let keptBefore = 0;
  let quote: BashLine["quote"] = "";
  for (let at = 0; at < line.length; at += 1) {
    const c = line[at] ?? "";
    if (quote) {
      if (c === quote) {
        quote = "";
        kept = keptBefore;
      } else if (quote === '"' && c === "\\" && '$`"\\'.includes(line[at + 1] ?? " ")) word += line[++at] ?? "";
      else word += c;
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      kept = 0;
    } else if (c === "'" || c === '"') {
      word ??= "";
      quote = c;
      // Once it is closed, it is no place where a word of bash's begins.
      keptBefore = kept;
      kept = word.length;
    } else if (c === "\\") {
      word = (word ?? "") + (line[++at] ?? "");
    } else {
      word = (word ?? "") + c;
      if (breaks.includes(c)) kept = word.length;
    }
  }
  return { before: words, current: word ?? "", kept, quote };
}

/** What bash is to put in the place of its word. */
export function bashReply(value: string, { kept, quote }: Pick<BashLine, "kept" | "quote">): string {
  const rest = value.slice(kept);
  if (quote === "'") return rest.replaceAll("'", "'\\''");
  if (quote === '"') return rest.replace(/[$`"\\]/g, "\\$&");
  return rest.replace(/[\s!"#$&'()*;<>?[\\\]^`{|}~]/g, "\\$&");
}
