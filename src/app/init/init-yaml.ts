import { Document, visit } from "yaml";
import { escapeExceptLines, hasControls } from "../../text/escape.ts";

/** The value of a key in oneoff.yaml. */
export type Value = string | boolean | readonly Value[] | ReadonlyMap<string, Value>;
export type Settings = ReadonlyMap<string, Value>;

/**
 * Writes block YAML with one line per text and a final line feed. Control characters become escape sequences, which
 * need double quotes.
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

/** Indents every line that is not empty. */
export const indented = (text: string, by: number): string => text.replaceAll(LINE, " ".repeat(by));

/** Comments out every line. */
export const commentedOut = (text: string): string => text.replaceAll(LINE, "# ");

/** The beginning of a line. `^` would also match after U+2028. */
const LINE = /(?<=^|\n)(?!\n|$)/g;
