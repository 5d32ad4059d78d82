import { COLORED, PLAIN, wantsColor } from "../output/style.ts";
import type { TableStyle } from "../output/table.ts";
import type { Context } from "./context.ts";
import type { ReportOptions } from "./reporting.ts";

/** The style of a table on stdout: coloured and as wide as the terminal, if stdout is one. */
export const tableStyle = (
  { terminal, env }: Pick<Context, "terminal" | "env">,
  { color }: ReportOptions,
): TableStyle => ({
  style: wantsColor(color, env, terminal.outputIsTerminal) ? COLORED : PLAIN,
  columns: terminal.outputIsTerminal ? terminal.size()?.columns : undefined,
});
