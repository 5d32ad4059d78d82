import { escapeControls } from "../text/escape.ts";
import { PLAIN, type Style } from "./style.ts";
import { pad, truncate, width } from "./width.ts";

/** How a list looks. */
export interface Look {
  readonly style: Style;
  /** What its lines are cut to; undefined for nothing. */
  readonly columns: number | undefined;
}

/** Rows in columns that are as wide as their widest cell and two spaces apart; the last one as wide as it is. */
export function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(escapeControls));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => width(row[column] ?? ""))));
  const lines = cells.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0)).join("  "));
  return lines.map((line) => `${line.trimEnd()}\n`).join("");
}

/** A table for people, its first row the headings. */
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
