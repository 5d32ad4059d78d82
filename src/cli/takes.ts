/** What a word, or an option's value, may be, for whoever completes it: one of these, or something of a kind. */
export type Takes = readonly string[] | Kind;

export type Kind =
  | "app"
  /** A one-off, running or ended. */
  | "one-off"
  /** The same, or a process of an app, by its name. */
  | "attachable"
  /** An app, a one-off, or a process of an app, by its name. */
  | "app or one-off"
  /** A one-off that runs, or a process of an app. */
  | "running"
  /** A path of a one-off, or one here. */
  | "copied"
  /** A process type of the app that was named. */
  | "type"
  | "type=quantity"
  | "release"
  | "lock"
  | "image"
  | "network"
  /** A context of docker's. */
  | "context"
  /** The name of a variable of our environment. */
  | "variable"
  | "file"
  | "folder"
  /** The first word of what is run: a process type of the app, or a file. */
  | "command"
  /** A command of ours, or a text to read. */
  | "topic"
  /** A part of the topic that was named. */
  | "part";
