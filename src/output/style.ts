import { styleText } from "node:util";

/** Values of `--color`. */
export const COLOR_CHOICES = ["auto", "always", "never"] as const;

/** Styles of human-readable text. JSON has none. */
export interface Style {
  heading(text: string): string;
  error(text: string): string;
  warning(text: string): string;
  success(text: string): string;
  /** The source of a line. */
  prefix(text: string): string;
  /** The name of one of several sources. @param index of the source. */
  source(text: string, index: number): string;
  /** Less important text. */
  faint(text: string): string;
}

type Format = Parameters<typeof styleText>[0];

/** `wantsColor` has already checked the stream. */
const formatter = (format: Format) => (text: string) => styleText(format, text, { validateStream: false });

/** Colours of sources, easy to tell apart on dark and light backgrounds. Red is for errors. */
const SOURCES = (["cyan", "yellow", "green", "magenta", "blue"] as const).map(formatter);

export const COLORED: Style = {
  heading: formatter("bold"),
  error: formatter("red"),
  warning: formatter("yellow"),
  success: formatter(["bold", "green"]),
  prefix: formatter("cyan"),
  source: (text, index) => SOURCES[index % SOURCES.length]?.(text) ?? text,
  faint: formatter("dim"),
};

const unchanged = (text: string) => text;

export const PLAIN: Style = {
  heading: unchanged,
  error: unchanged,
  warning: unchanged,
  success: unchanged,
  prefix: unchanged,
  source: unchanged,
  faint: unchanged,
};

/** Whether the terminal supports ANSI escape sequences. */
export const supportsAnsi = ({ TERM = "dumb" }: Environment): boolean => TERM !== "dumb";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The option takes precedence over the environment, and the environment over the type of the stream. NO_COLOR takes
 * precedence over variables that force colour, because it is meant for all programs.
 */
export function wantsColor(choice: string | undefined, env: Environment, isTerminal: boolean): boolean {
  if (choice === "always" || choice === "never") return choice === "always";
  if (env.NO_COLOR) return false;
  for (const forced of [env.FORCE_COLOR, env.CLICOLOR_FORCE]) if (forced) return !/^(0|false)$/.test(forced);
  return isTerminal && supportsAnsi(env) && env.CLICOLOR !== "0";
}
