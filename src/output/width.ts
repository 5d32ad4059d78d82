import measure from "fast-string-truncated-width";

/** How many columns of a terminal a text takes: two for a wide character or an emoji, none for a combining mark. */
export const width = (text: string): number => measure(text).width;

/** The text, or as much of it as fits with an ellipsis after it; no character is taken apart. @param columns at least 1. */
export function truncate(text: string, columns: number): string {
  // It may leave too much where scripts change.
  for (let limit = columns; limit > 0; limit -= 1) {
    const { index, truncated } = measure(text, { limit, ellipsis: "…" });
    const cut = truncated ? `${text.slice(0, index)}…` : text;
    if (width(cut) <= columns) return cut;
  }
  return "…";
}

export const pad = (text: string, columns: number): string => text + " ".repeat(Math.max(columns - width(text), 0));
