import { escapeControls } from "../../text/escape.ts";
import { SHAPES } from "../commands.ts";
import type { Context } from "../context.ts";
import type { Kind } from "../takes.ts";
import { bashReply, readBashLine } from "./bash-line.ts";
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

function filesOf({ takes, prefix }: Expected): string {
  const kind = typeof takes === "string" && takes !== "command of ours" ? FILES[takes] : undefined;
  return kind ? `${kind} ${prefix.length}` : "none";
}
