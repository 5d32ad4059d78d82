import { escapeControls } from "../../text/escape.ts";
import { expandAlias, findAliases } from "../aliases/user-aliases.ts";
import { loadShapes } from "../commands.ts";
import type { Context } from "../context.ts";
import type { Kind } from "../shapes.ts";
import { type Expected, expectedAt } from "./expected.ts";
import { suggestions } from "./suggestions.ts";

/** Kinds of files, which the shells complete themselves. */
const FILES: Partial<Record<Kind, "files" | "folders">> = {
  file: "files",
  command: "files",
  copied: "files",
  folder: "folders",
};

/**
 * Prints suggestions for the scripts of `oneoff completion`: first what the shell adds itself, `files`
 * or `folders`, with the length of the prefix; then one suggestion per line, with a tab before its description.
 * Never fails, because an error would be printed into the command line.
 * @param words the shell; then for bash the line and COMP_WORDBREAKS, else the unquoted words, the last one as
 * typed.
 */
export async function complete([shell, ...words]: readonly string[], context: Context): Promise<void> {
  const [line = "", breaks = ""] = words;
  const inBash = shell === "bash" ? readBashLine(line, breaks) : undefined;
  const current = inBash?.current ?? words.at(-1) ?? "";
  try {
    const before = inBash?.before.slice(1) ?? words.slice(0, -1);
    const shapes = await loadShapes();
    const expected = expectedAt(
      expandAlias(before, await findAliases(before, shapes, context)) ?? before,
      current,
      shapes,
    );
    if (!expected) return;
    const found = (await suggestions(expected, context))
      .map(({ value, what }) => ({ value: expected.prefix + value, what }))
      .filter(({ value }) => value.startsWith(current) && escapeControls(value) === value);
    const lines = found.map(({ value, what = "" }) =>
      inBash ? bashReply(value, inBash) : `${value}\t${escapeControls(what)}`,
    );
    context.terminal.stdout.write(`${[filesOf(expected), ...lines].join("\n")}\n`);
  } catch {
    // Invalid arguments and an invalid oneoff.yaml are reported by the command itself.
  }
}

function filesOf({ completion, prefix }: Expected): string {
  const kind = typeof completion === "string" && completion !== "command of oneoff" ? FILES[completion] : undefined;
  return kind ? `${kind} ${prefix.length}` : "none";
}

/** The typed line as parsed by bash, and the position at which bash replaces text. */
export interface BashLine {
  /** The words before the last one, beginning with the program. */
  readonly before: readonly string[];
  /** The typed part of the last word. */
  readonly current: string;
  /** Number of characters of `current` that bash keeps: it treats the rest as a separate word. */
  readonly kept: number;
  /** The open quote, if any. */
  readonly quote: "" | "'" | '"';
}

/**
 * @param line the command up to the cursor.
 * @param breaks COMP_WORDBREAKS: characters after which bash starts a word to complete.
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
      // A closed quote does not start a word for bash.
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

/** The replacement for bash's word. */
export function bashReply(value: string, { kept, quote }: Pick<BashLine, "kept" | "quote">): string {
  const rest = value.slice(kept);
  if (quote === "'") return rest.replaceAll("'", "'\\''");
  if (quote === '"') return rest.replace(/[$`"\\]/g, "\\$&");
  return rest.replace(/[\s!"#$&'()*;<>?[\\\]^`{|}~]/g, "\\$&");
}
