import type { Context } from "./context.ts";
import type { CommandShape } from "./shapes.ts";

export type Options = CommandShape["options"];

/** The values of the options: one, or a list where the option may be repeated. */
export type Flags<O extends Options> = {
  readonly [Name in keyof O]?: O[Name] extends { many: true }
    ? readonly string[]
    : O[Name] extends { type: "string" }
      ? string
      : boolean;
} & {
  /** All options in the order they were typed, as `--name=value`. */
  readonly given?: readonly string[];
};

/** One command of oneoff. */
export interface Command<O extends Options = Options> extends CommandShape {
  readonly options: O;
  readonly usage: string;
  readonly describe: string;
  /** The topic its help refers to. */
  readonly topic?: string;
  readonly examples: readonly [line: string, what: string][];
  /** @returns the exit code. */
  handle(flags: Flags<O>, args: readonly string[], context: Context): Promise<number>;
}

/** Infers the type of the options for `handle`. */
export const command = <const O extends Options>(described: Command<O>): Command<O> => described;
