import type { Block } from "./light-text.ts";

/** Maximum share of the width for the column of terms. */
const TERMS = 0.5;

/** Renders blocks for a terminal. @param width in columns. */
export function terminalText(blocks: readonly Block[], width: number): string {
  const lines: string[] = [];
  let margin = "";
  blocks.forEach((block, index) => {
    const before = blocks[index - 1];
    if (before && !(before.kind === block.kind && (block.kind === "row" || block.kind === "item"))) lines.push("");
    if (block.kind === "heading") {
      // The blocks below a heading are indented and follow without an empty line.
      margin = "  ";
      lines.push(block.text);
      return;
    }
    if (before?.kind === "heading") lines.pop();
    if (block.kind === "lines") lines.push(...block.lines.map((line) => (line === "" ? "" : `${margin}  ${line}`)));
    else if (block.kind === "row") lines.push(...row(block, termsWidth(blocks, index, width), margin, width));
    else if (block.kind === "item") lines.push(...hanging(block.text, `${margin}- `, `${margin}  `, width));
    else lines.push(...hanging(block.text, margin, margin, width));
  });
  return `${lines.join("\n")}\n`;
}

/** Width of the longest term in a group of rows, ignoring terms that need a line of their own. */
function termsWidth(blocks: readonly Block[], at: number, width: number): number {
  let first = at;
  while (blocks[first - 1]?.kind === "row") first -= 1;
  let longest = 0;
  for (let next = first; ; next += 1) {
    const block = blocks[next];
    if (block?.kind !== "row") return longest;
    if (block.term.length <= width * TERMS) longest = Math.max(longest, block.term.length);
  }
}

function row({ term, text }: Extract<Block, { kind: "row" }>, terms: number, margin: string, width: number): string[] {
  const left = " ".repeat(margin.length + terms + 2);
  if (term.length <= terms) return hanging(text, `${margin}${term.padEnd(terms)}  `, left, width);
  return [`${margin}${term}`, ...hanging(text, left, left, width)];
}

/** Wraps text to lines of at most `width`, unless a word is longer. */
function hanging(text: string, first: string, others: string, width: number): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = others;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line.trimEnd()];
}
