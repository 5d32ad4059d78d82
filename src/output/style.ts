import { styleText } from "node:util";

/** What `--color` says. */
export const COLOR_CHOICES = ["auto", "always", "never"] as const;

/** How text for people looks. None of it is in what programs read. */
export interface Style {
  heading(text: string): string;
  error(text: string): string;
  warning(text: string): string;
  success(text: string): string;
  /** Whose line it is. */
  prefix(text: string): string;
  /** What may be passed over. */
  faint(text: string): string;
}

type Format = Parameters<typeof styleText>[0];

/** Whether it goes to a terminal has been asked before. */
const as = (format: Format) => (text: string) => styleText(format, text, { validateStream: false });

export const COLORED: Style = {
  heading: as("bold"),
  error: as("red"),
  warning: as("yellow"),
  success: as(["bold", "green"]),
  prefix: as("cyan"),
  faint: as("dim"),
};

const same = (text: string) => text;

export const PLAIN: Style = { heading: same, error: same, warning: same, success: same, prefix: same, faint: same };

/** Whether a terminal does more than write down characters. */
export const knowsSequences = ({ TERM = "dumb" }: Environment): boolean => TERM !== "dumb";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether to write in colour: what was asked for, then what the environment says, then what it is written to.
 * NO_COLOR comes before those that ask for colour: it is somebody's wish for all programs.
 */
export function wantsColor(choice: string | undefined, env: Environment, isTerminal: boolean): boolean {
  if (choice === "always" || choice === "never") return choice === "always";
  if (env.NO_COLOR) return false;
  for (const forced of [env.FORCE_COLOR, env.CLICOLOR_FORCE]) if (forced) return !/^(0|false)$/.test(forced);
  return isTerminal && knowsSequences(env) && env.CLICOLOR !== "0";
}
