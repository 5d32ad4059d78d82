import type { Terminal } from "../terminal/terminal.ts";

/** Keeps the text on the screen, and exits at once if it fits. */
const USUAL = "less -FRX";

/**
 * The command line of the pager: ONEOFF_PAGER, PAGER, or less.
 * @returns undefined if the text fits on the screen, stdout is no terminal, or the pager is empty or cat.
 */
export function pagerFor(
  text: string,
  { outputIsTerminal, size }: Pick<Terminal, "outputIsTerminal" | "size">,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const screen = size();
  if (!outputIsTerminal || !screen || height(text, screen.columns) < screen.rows) return undefined;
  const named = env.ONEOFF_PAGER ?? env.PAGER;
  // A dumb terminal does not support less.
  if (named === undefined) return env.TERM === "dumb" ? undefined : USUAL;
  return /^\s*(?:cat\s*)?$/.test(named) ? undefined : named;
}

/** Number of screen lines, including wrapped ones. */
const height = (text: string, columns: number) =>
  text
    .trimEnd()
    .split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
