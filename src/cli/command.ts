import type { Context } from "./context.ts";
import type { CommandShape } from "./shapes.ts";

export type Options = CommandShape["options"];

/** What is left of options once they are read: one string, or all of them where an option may come again. */
export type Arguments<O extends Options> = {
  readonly [Name in keyof O]?: O[Name] extends { many: true }
    ? readonly string[]
    : O[Name] extends { type: "string" }
      ? string
      : boolean;
} & {
  /** All of them as they were given, for options whose order counts: `--name=value`. */
  readonly given?: readonly string[];
};

/** One command of oneoff. */
export interface Command<O extends Options = Options> extends CommandShape {
  readonly options: O;
  readonly usage: string;
  readonly describe: string;
  /** The topic that goes on where its help ends. */
  readonly topic?: string;
  readonly examples: readonly [line: string, what: string][];
  /** @returns the exit code. */
  handle(args: Arguments<O>, words: readonly string[], context: Context): Promise<number>;
}

/** Keeps the options' own type for `handle`. */
export const command = <const O extends Options>(described: Command<O>): Command<O> => described;
