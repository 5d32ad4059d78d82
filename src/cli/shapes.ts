import type { Takes } from "./takes.ts";

/** An option: how it is parsed, completed and explained. */
export interface OptionShape {
  /** A string takes the next argument as its value. */
  readonly type: "string" | "boolean";
  /** The value may be omitted. It is given as `=VALUE`, or as the next argument if that is one of `takes`. */
  readonly optional?: boolean;
  /** Repeated values are collected instead of overridden. */
  readonly many?: boolean;
  readonly alias?: string;
  readonly takes?: Takes;
  /** Stands for the value in help: `NAME[=VALUE]`. */
  readonly placeholder?: string;
  readonly describe: string;
  /** The heading it is listed under in help. */
  readonly group?: string;
}

/** As help writes it after the name of an option: ` FILE`, `[=WHEN]`, or nothing. */
export const placeholderOf = ({ placeholder, optional }: Pick<OptionShape, "placeholder" | "optional">): string =>
  placeholder === undefined ? "" : optional ? `[=${placeholder}]` : ` ${placeholder}`;

export interface CommandShape {
  readonly options: Readonly<Record<string, OptionShape>>;
  /** From the app on, its arguments are a command to run; its exit code is the command's. */
  readonly runsCommand?: boolean;
  /** Its exit code is the one of a command that was run before. */
  readonly endsAsCommand?: boolean;
  /** How each argument is completed; the last entry applies to all further ones. */
  readonly takes?: readonly Takes[];
  /** The maximum number of arguments; undefined for any number. */
  readonly most?: number;
}
