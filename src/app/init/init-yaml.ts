import { Document, visit } from "yaml";
import { escapeExceptLines, hasControls } from "../../text/escape.ts";

/** What may stand behind a key of oneoff.yaml. */
export type Value = string | boolean | readonly Value[] | ReadonlyMap<string, Value>;
export type Settings = ReadonlyMap<string, Value>;

/**
 * As block YAML, a line for each text, whatever is in it. Ends in a line feed. What a terminal acts on is written as an
 * escape sequence, which only double quotes have.
 */
export function yamlOf(settings: Settings): string {
  const document = new Document(settings);
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === "string" && hasControls(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  return escapeExceptLines(
    document.toString({ lineWidth: 0, blockQuote: false, singleQuote: false, doubleQuotedAsJSON: true }),
  );
}

/** Each line that has something in it, moved to the right. */
export const indented = (text: string, by: number): string => text.replaceAll(LINE, " ".repeat(by));

/** The same, behind a "# ". */
export const commentedOut = (text: string): string => text.replaceAll(LINE, "# ");

/** Where one begins. To `^` a line begins after U+2028 as well. */
const LINE = /(?<=^|\n)(?!\n|$)/g;
