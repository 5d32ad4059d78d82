import { escapeControls } from "../../text/escape.ts";
import { SHAPES } from "../commands.ts";
import type { Context } from "../context.ts";
import type { Kind } from "../shapes.ts";
import { type Expected, expectedAt } from "./expected.ts";
import { suggestions } from "./suggestions.ts";

/** Where files may stand: the shells know how to complete those. */
const FILES: Partial<Record<Kind, "files" | "folders">> = {
  file: "files",
  command: "files",
  copied: "files",
  folder: "folders",
};

/**
 * What may follow what is typed, for the functions of `oneoff completion`: first what the shell is to add itself, `files`
 * or `folders`, with how much of the word is in front of them; then a suggestion a line, with a tab before what it is.
 * Never fails: nothing is to get into the line that somebody is typing.
 * @param words the shell; then, of bash, the line and COMP_WORDBREAKS, else the words without quotes, the last as far as
 * it is typed.
 */
export async function complete([shell, ...words]: readonly string[], context: Context): Promise<void> {
  const [line = "", breaks = ""] = words;
  const inBash = shell === "bash" ? readBashLine(line, breaks) : undefined;
  const current = inBash?.current ?? words.at(-1) ?? "";
  try {
    const expected = expectedAt(inBash?.before.slice(1) ?? words.slice(0, -1), current, SHAPES);
    if (!expected) return;
    const found = (await suggestions(expected, context))
      .map(({ value, what }) => ({ value: expected.prefix + value, what }))
      .filter(({ value }) => value.startsWith(current) && escapeControls(value) === value);
    const lines = found.map(({ value, what = "" }) =>
      inBash ? bashReply(value, inBash) : `${value}\t${escapeControls(what)}`,
    );
    context.terminal.stdout.write(`${[filesOf(expected), ...lines].join("\n")}\n`);
  } catch {
    // A wrong word before, a oneoff.yaml with a mistake: the command itself will say so.
  }
}

function filesOf({ completion, prefix }: Expected): string {
  const kind = typeof completion === "string" && completion !== "command of ours" ? FILES[completion] : undefined;
  return kind ? `${kind} ${prefix.length}` : "none";
}

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
