import { plain, quoted } from "../text/quoted.ts";
import { isoTime, OneoffError, usage } from "./error.ts";

export const noTaskNamed = (app: string) =>
  usage("no-task", "Expected a task: oneoff cron:run <app> <id>", `oneoff cron ${app}`);

export const unknownTask = (app: string, id: string) =>
  usage("unknown-task", `${app} has no scheduled task ${quoted(id)}`, `oneoff cron ${app}`);

/** @param since the start of the run that holds the lock. */
export const taskRuns = (app: string, id: string, since: number) =>
  new OneoffError("lock-held", `${app} currently has a cron lock in place for ${id} since ${isoTime(since)}`, {
    next: `oneoff ps ${plain(app)}`,
  });
