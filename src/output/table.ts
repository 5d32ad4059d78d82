import measure from "fast-string-truncated-width";
import { escapeControls } from "../text/escape.ts";
import { PLAIN, type Style } from "./style.ts";

export interface TableStyle {
  readonly style: Style;
  /** Longer lines are truncated; undefined for no limit. */
  readonly columns: number | undefined;
}

/** Columns are as wide as their widest cell and separated by two spaces. Lines have no trailing spaces. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(escapeControls));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => displayWidth(row[column] ?? ""))));
  const lines = cells.map((row) => row.map((cell, column) => padToWidth(cell, widths[column] ?? 0)).join("  "));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** A table with headings. */
export function formatList(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  { style, columns }: TableStyle = { style: PLAIN, columns: undefined },
): string {
  const lines = formatTable([headings, ...rows])
    .split("\n")
    .slice(0, -1);
  return lines
    .map((line) => (columns === undefined ? line : truncate(line, columns)))
    .map((line, index) => `${index === 0 ? style.heading(line) : line}\n`)
    .join("");
}

/** The number of terminal columns: two for a wide character or an emoji, none for a combining mark. */
export const displayWidth = (text: string): number => measure(text).width;

/** Truncates with an ellipsis, never inside a character. @param columns at least 1. */
export function truncate(text: string, columns: number): string {
  // The library may return one column too many where scripts change.
  for (let limit = columns; limit > 0; limit -= 1) {
    const { index, truncated } = measure(text, { limit, ellipsis: "…" });
    const cut = truncated ? `${text.slice(0, index)}…` : text;
    if (displayWidth(cut) <= columns) return cut;
  }
  return "…";
}

export const padToWidth = (text: string, columns: number): string =>
  text + " ".repeat(Math.max(columns - displayWidth(text), 0));
