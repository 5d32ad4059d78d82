import measure from "fast-string-truncated-width";
import { escapeControls } from "../text/escape.ts";
import { PLAIN, type Style } from "./style.ts";

export interface Look {
  readonly style: Style;
  /** Longer lines are truncated; undefined for no limit. */
  readonly columns: number | undefined;
}

/** Columns are as wide as their widest cell and separated by two spaces. Lines have no trailing spaces. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(escapeControls));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => width(row[column] ?? ""))));
  const lines = cells.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0)).join("  "));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** A table with headings. */
export function list(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { style, columns }: Look = { style: PLAIN, columns: undefined },
): string {
  const lines = table([headings, ...rows])
    .split("\n")
    .slice(0, -1);
  return lines
    .map((line) => (columns === undefined ? line : truncate(line, columns)))
    .map((line, index) => `${index === 0 ? style.heading(line) : line}\n`)
    .join("");
}

/** The number of terminal columns: two for a wide character or an emoji, none for a combining mark. */
export const width = (text: string): number => measure(text).width;

/** Truncates with an ellipsis, never inside a character. @param columns at least 1. */
export function truncate(text: string, columns: number): string {
  // The library may return one column too many where scripts change.
  for (let limit = columns; limit > 0; limit -= 1) {
    const { index, truncated } = measure(text, { limit, ellipsis: "…" });
    const cut = truncated ? `${text.slice(0, index)}…` : text;
    if (width(cut) <= columns) return cut;
  }
  return "…";
}

export const pad = (text: string, columns: number): string => text + " ".repeat(Math.max(columns - width(text), 0));
