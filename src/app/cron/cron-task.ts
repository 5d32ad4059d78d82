import { createHash } from "node:crypto";
import { splitWords } from "../shell-words.ts";
import type { Schedule } from "./schedule.ts";

export const POLICIES = ["allow", "forbid", "replace"] as const;

/** What to do if a task is due while its last run has not ended. */
export type Policy = (typeof POLICIES)[number];

/** A command that runs on a schedule. */
export interface CronTask {
  readonly command: string;
  /** As written: five fields, or a descriptor. */
  readonly schedule: string;
  readonly times: Schedule;
  readonly policy: Policy;
  /** Whether the schedule is suspended. */
  readonly maintenance: boolean;
  /** An IANA time zone; by default the one of the machine. */
  readonly timezone?: string;
}

const ID_LENGTH = 8;

/**
 * The ID of a task: a digest of what dokku derives its IDs from. dokku's own contain the whole command, and with it a
 * secret in the command.
 */
export const taskId = (app: string, task: Pick<CronTask, "command" | "schedule">): string => {
  const digest = createHash("sha256").update(identity(app, task)).digest("hex");
  return BigInt(`0x${digest}`).toString(36).slice(-ID_LENGTH);
};

/** The task with this ID, which may also be the one of dokku. */
export const findTask = (app: string, tasks: readonly CronTask[], id: string): CronTask | undefined =>
  tasks.find((task) => taskId(app, task) === id || dokkuId(app, task) === id);

const dokkuId = (app: string, task: CronTask) =>
  BigInt(`0x${Buffer.from(identity(app, task)).toString("hex")}`).toString(36);

const identity = (app: string, { command, schedule }: Pick<CronTask, "command" | "schedule">) =>
  [app, command, schedule].join("===");

/** The arguments of a one-off that runs the task: a process type, or a command as `oneoff run` takes it. */
export const taskArgs = ({ command }: Pick<CronTask, "command">): readonly string[] => splitWords(command) ?? [command];
