/** A block of light text. */
export type Block =
  | { readonly kind: "heading" | "paragraph" | "item"; readonly text: string }
  | { readonly kind: "row"; readonly term: string; readonly text: string }
  | { readonly kind: "lines"; readonly lines: readonly string[] };

/**
 * Parses light text, the markup of help topics. Terminal output and the man page are rendered from its blocks.
 *
 *     # A heading
 *     A paragraph that ends at an empty line.
 *     - a list item
 *     a term :: its description in a second column
 *       two blanks continue the item or the description above
 *         four blanks or more: preformatted lines, without four blanks
 */
export function parseLightText(text: string): readonly Block[] {
  const blocks: Block[] = [];
  let open = false;
  for (const line of text.trimEnd().split("\n")) {
    const last = blocks.at(-1);
    if (line.startsWith("    ")) {
      if (open && last?.kind === "lines")
        blocks[blocks.length - 1] = { kind: "lines", lines: [...last.lines, line.slice(4)] };
      else blocks.push({ kind: "lines", lines: [line.slice(4)] });
    } else if (open && last && "text" in last && (line.startsWith("  ") || isContinued(last, line)))
      blocks[blocks.length - 1] = { ...last, text: `${last.text} ${line.trim()}` };
    else if (line !== "") blocks.push(blockOf(line));
    open = line !== "";
  }
  return blocks;
}

const ROW = /^(.+?) :: (.*)$/;

const isContinued = ({ kind }: Block, line: string) =>
  kind === "paragraph" && line !== "" && blockOf(line).kind === "paragraph";

function blockOf(line: string): Block {
  if (line.startsWith("# ")) return { kind: "heading", text: line.slice(2) };
  if (line.startsWith("- ")) return { kind: "item", text: line.slice(2) };
  const [, term, text = ""] = ROW.exec(line) ?? [];
  return term === undefined ? { kind: "paragraph", text: line } : { kind: "row", term, text };
}
