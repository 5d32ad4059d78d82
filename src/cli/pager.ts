import type { Terminal } from "../terminal/terminal.ts";

/** Leaves what it has shown on the screen, and shows what fits on it without waiting for a key. */
const USUAL = "less -FRX";

/**
 * The command line of the pager for a text: what ONEOFF_PAGER or PAGER says, else less.
 * @returns undefined where there is none to be: the text fits, nobody looks at a terminal, or it is empty, or cat.
 */
export function pagerFor(
  text: string,
  { outputIsTerminal, size }: Pick<Terminal, "outputIsTerminal" | "size">,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const screen = size();
  if (!outputIsTerminal || !screen || height(text, screen.columns) < screen.rows) return undefined;
  const named = env.ONEOFF_PAGER ?? env.PAGER;
  // A terminal that knows nothing can do what less wants of it no more.
  if (named === undefined) return env.TERM === "dumb" ? undefined : USUAL;
  return /^\s*(?:cat\s*)?$/.test(named) ? undefined : named;
}

/** In lines of a screen, where long ones go on below. */
const height = (text: string, columns: number) =>
  text
    .trimEnd()
    .split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
