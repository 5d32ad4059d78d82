import { type CronTask, taskId } from "./cron-task.ts";

/** How a scheduler starts oneoff, without the command of a task: it may be secret, and no scheduler has to quote it. */
export interface Launch {
  /** `/usr/local/bin/oneoff cron:run` with options. */
  readonly argv: readonly string[];
  /** A scheduler does not know the variables of a login. */
  readonly env: readonly (readonly [name: string, value: string])[];
}

/** What a scheduler stores for the tasks of an app, by name. */
export type Entries = ReadonlyMap<string, string>;

export const launchTask = ({ argv }: Launch, app: string, task: CronTask): readonly string[] => [
  ...argv,
  app,
  taskId(app, task),
];
