/** How an argument or a value is completed: from a list, or by kind. */
export type Takes = readonly string[] | Kind;

export type Kind =
  | "app"
  /** A one-off, running or exited. */
  | "one-off"
  /** A one-off, or a process of an app. */
  | "attachable"
  /** An app, a one-off, or a process of an app. */
  | "app or one-off"
  /** A running one-off, or a process of an app. */
  | "running"
  /** A path in a one-off, or a local path. */
  | "copied"
  /** A process type of the app that was typed. */
  | "type"
  | "type=quantity"
  | "release"
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
