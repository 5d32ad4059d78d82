import type { Block } from "../src/cli/topics/light-text.ts";

/** What roff has names for, since the characters themselves would come out as others, or as none. */
const NAMED: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
  "…": "...",
  "→": "->",
};

/** Characters as they are, whatever they mean to roff. */
export const plainRoff = (text: string) =>
  text
    .replace(/[\\\-'`^~…→]/g, (sign) => NAMED[sign] ?? sign)
    .replace(/[^\x00-\x7f]/gu, (sign) => `\\[u${sign.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}]`)
    .replace(/^\./gm, "\\&.");

/** A line of text, in which what stands between backticks is bold. */
export const textRoff = (text: string) =>
  text
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? `\\fB${plainRoff(part)}\\fR` : plainRoff(part)))
    .join("");

/** A macro with one argument. */
export const macro = (name: string, argument: string) => `.${name} "${plainRoff(argument).replaceAll('"', "\\(dq")}"`;

/** Blocks of light text for the macros of `man`. @param heading the macro for headings: SH or SS. */
export const roff = (blocks: readonly Block[], heading: "SH" | "SS"): string =>
  blocks.flatMap((block) => blockRoff(block, heading)).join("\n");

function blockRoff(block: Block, heading: "SH" | "SS"): string[] {
  switch (block.kind) {
    case "heading":
      return [macro(heading, block.text)];
    case "paragraph":
      return [".PP", textRoff(block.text)];
    case "item":
      return [".IP \\(bu 2", textRoff(block.text)];
    case "row":
      return [".TP", `\\fB${plainRoff(block.term)}\\fR`, textRoff(block.text)];
    case "lines":
      return [".PP", ".RS 4", ".nf", ...block.lines.map(plainRoff), ".fi", ".RE"];
  }
}
