import { COLORED, PLAIN, wantsColor } from "../output/style.ts";
import type { Look } from "../output/table.ts";
import type { Context } from "./context.ts";
import type { ReportOptions } from "./reporting.ts";

/** How a list that is written to stdout looks: as it suits a person at a terminal, if there is one. */
export const listLook = ({ terminal, env }: Pick<Context, "terminal" | "env">, { color }: ReportOptions): Look => ({
  style: wantsColor(color, env, terminal.outputIsTerminal) ? COLORED : PLAIN,
  columns: terminal.outputIsTerminal ? terminal.size()?.columns : undefined,
});
