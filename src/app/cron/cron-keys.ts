import { fileProblem } from "../../errors/manifest.ts";
import { anyText, each, oneOf, string, trueOrFalse } from "../json-shapes.ts";
import { complain } from "../manifest/manifest-shapes.ts";
import { record } from "../schema/collections.ts";
import { either, type Keys, mapped, read, type Shape } from "../schema/schema.ts";
import { bare } from "../shell-words.ts";
import { type CronTask, POLICIES } from "./cron-task.ts";
import { DESCRIPTOR_NAMES, isProblem, parseSchedule, type Schedule } from "./schedule.ts";
import { parseZone } from "./time-zone.ts";

/** As dokku, which has no shell for them: a portable file has them in a Procfile, or in `sh -c`. */
const command: Shape<string> = mapped(string(anyText), (line, node, name, to) => {
  if (line.trim() === "") return complain(node, name, fileProblem.syntax("a command", "white space"), to);
  const { at, open } = bare(line);
  if (open) return complain(node, name, fileProblem.taskIsOpen(), to);
  return at.some((one) => "\n;&|<>".includes(line[one] ?? " "))
    ? complain(node, name, fileProblem.taskNeedsShell(), to)
    : line;
});

const schedule: Shape<{ readonly written: string; readonly times: Schedule }> = mapped(
  string(anyText),
  (written, node, name, to) => {
    const times = parseSchedule(written);
    return isProblem(times)
      ? complain(node, name, fileProblem.schedule(times, DESCRIPTOR_NAMES), to)
      : { written, times };
  },
);

const timezone: Shape<string> = mapped(
  string(anyText),
  (written, node, name, to) => parseZone(written) ?? complain(node, name, fileProblem.timezone(), to),
);

const timezoneKey = {
  shape: timezone,
  about: "Time zone of the schedule, e.g. Europe/Berlin. Needs systemd.",
  default: "the time zone of the machine",
  examples: ["Europe/Berlin"],
} as const;

/** The keys of a task, in app.json and oneoff.yaml. */
export const taskKeys = {
  command: {
    shape: command,
    about: "Process type, or a command without shell operators. Required.",
    examples: ["bin/rails reports:send"],
  },
  schedule: {
    shape: schedule,
    about: "Minute, hour, day of month, month and day of week, or one of @hourly, @daily, … Required.",
    examples: ['"30 3 * * mon-fri"', '"@daily"'],
  },
  concurrency_policy: {
    shape: oneOf(POLICIES),
    about: "If the last run has not ended: allow another one, forbid it, or replace the last one.",
    default: "allow",
    examples: ["forbid"],
  },
  maintenance: {
    shape: trueOrFalse,
    about: "Suspend the task.",
    default: "false",
    examples: ["true"],
  },
  timezone: timezoneKey,
} as const;

/** @param collect reads a map of keys: one that accepts other keys, or not. */
export const tasksOf = (
  collect: <K extends Keys>(keys: K, required: readonly (keyof K & string)[]) => Shape<unknown>,
) => {
  const task = mapped(
    collect(taskKeys, ["command", "schedule"]) as ReturnType<typeof record<typeof taskKeys>>,
    ({ command, schedule, concurrency_policy: policy = "allow", maintenance = false, timezone }) =>
      command === undefined || schedule === undefined
        ? undefined
        : {
            ...{ command, schedule: schedule.written, times: schedule.times, policy, maintenance },
            ...(timezone !== undefined && { timezone }),
          },
  );
  return distinct(task);
};

/** A list of tasks, which may be empty. */
const distinct = (task: Shape<CronTask>): Shape<CronTask[]> => ({
  ...each(task),
  kinds: {
    list: ({ items }, name, to) => {
      const tasks: CronTask[] = [];
      for (const node of items) {
        const one = read(task, node, name, to);
        if (one === undefined) continue;
        const isKnown = tasks.some(({ command, schedule }) => command === one.command && schedule === one.schedule);
        if (isKnown) to.wrong(node.at, fileProblem.taskTwice());
        tasks.push(one);
      }
      return tasks;
    },
  },
});

/** `cron` of an app in oneoff.yaml. */
export interface ManifestCron {
  /** Whether a deploy installs the schedules. */
  readonly install?: boolean;
  /** Of tasks without one. */
  readonly timezone?: string;
  /** Take precedence over app.json. */
  readonly tasks?: readonly CronTask[];
}

const cronTasks = tasksOf(record);

const cronKeys = {
  tasks: {
    shape: cronTasks,
    about: "Tasks.",
    default: "cron of app.json",
    examples: ['\n- {command: report, schedule: "0 6 * * mon"}'],
  },
  install: {
    shape: trueOrFalse,
    about: "Install the schedules in every deploy.",
    default: "false",
    examples: ["true"],
  },
  timezone: { ...timezoneKey, about: "Time zone of tasks without one. Needs systemd." },
} as const;

export const cron: Shape<ManifestCron> = either(
  mapped(oneOf(["install"]), (): ManifestCron => ({ install: true })),
  either(
    mapped(cronTasks, (tasks): ManifestCron => ({ tasks })),
    record(cronKeys),
  ),
);
