/** An option: how it is parsed, completed and explained. */
export interface OptionShape {
  /** A string takes the next argument as its value. */
  readonly type: "string" | "boolean";
  /** The value may be omitted. It is given as `=VALUE`, or as the next argument if that is one of `completion`. */
  readonly optional?: boolean;
  /** Repeated values are collected instead of overridden. */
  readonly many?: boolean;
  readonly alias?: string;
  readonly completion?: Completion;
  /** Stands for the value in help: `NAME[=VALUE]`. */
  readonly placeholder?: string;
  readonly describe: string;
  /** The heading it is listed under in help. */
  readonly group?: string;
}

/** As help writes it after the name of an option: ` FILE`, `[=WHEN]`, or nothing. @param format of the placeholder alone. */
export function placeholderOf(
  { placeholder, optional }: Pick<OptionShape, "placeholder" | "optional">,
  format = (text: string) => text,
): string {
  if (placeholder === undefined) return "";
  return optional ? `[=${format(placeholder)}]` : ` ${format(placeholder)}`;
}

export interface CommandShape {
  /** What it does, in help and in completion. */
  readonly describe?: string;
  readonly options: Readonly<Record<string, OptionShape>>;
  /** From the app on, its arguments are a command to run; its exit code is the command's. */
  readonly runsCommand?: boolean;
  /** Its exit code is the one of a command that was run before. */
  readonly endsAsCommand?: boolean;
  /** How each argument is completed; the last entry applies to all further ones. */
  readonly completions?: readonly Completion[];
  /** The maximum number of arguments; undefined for any number. */
  readonly most?: number;
}

/** How an argument or a value is completed: from a list, or by kind. */
export type Completion = readonly string[] | Kind;

export type Kind =
  | "app"
  /** A one-off, running or exited. */
  | "one-off"
  /** A one-off, or a process of an app. */
  | "attachable"
  /** An app with containers, a running one-off, or a process of an app. */
  | "app or one-off"
  /** A running one-off, or a process of an app. */
  | "running"
  /** An app, a running one-off, or a process of an app. */
  | "logged"
  /** A path in a one-off, or a local path. */
  | "copied"
  /** A process type of the app that was typed. */
  | "type"
  | "type=quantity"
  | "release"
  /** A scheduled task of the app that was typed. */
  | "task"
  | "lock"
  | "image"
  | "network"
  /** A docker context. */
  | "context"
  /** The name of an environment variable. */
  | "variable"
  | "file"
  | "folder"
  /** The first argument of a command: a process type of the app, or a file. */
  | "command"
  /** A command of oneoff, or a topic. */
  | "topic"
  /** A part of the topic that was typed. */
  | "part";
