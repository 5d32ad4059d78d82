import { plain, quoted } from "../text/quoted.ts";
import { because, isoTime, OneoffError, usage } from "./error.ts";

export const noTaskNamed = (app: string) =>
  usage("no-task", "Expected a task: oneoff cron:run <app> <id>", `oneoff cron ${app}`);

export const unknownTask = (app: string, id: string) =>
  usage("unknown-task", `${app} has no scheduled task ${quoted(id)}`, `oneoff cron ${app}`);

/** @param since the start of the run that holds the lock. */
export const taskRuns = (app: string, id: string, since: number) =>
  new OneoffError("lock-held", `${app} currently has a cron lock in place for ${id} since ${isoTime(since)}`, {
    next: `oneoff ps ${plain(app)}`,
  });

/** stderr of a program of the host, on one line. */
const reasonOf = (stderr: string) => plain(stderr.trim().split("\n").at(-1) || "no message");

export const crontabMissing = (cause: unknown) =>
  new OneoffError("no-scheduler", "Cannot run crontab: it is not installed", {
    next: "install cron, or use a host with systemd",
    cause,
  });

export const crontabDenied = () =>
  new OneoffError("no-scheduler", "Cannot run crontab: cron.allow or cron.deny of this host denies it to your user", {
    next: "oneoff cron:install --user …, on a host with systemd",
  });

/** A scheduler that the host does not have has installed nothing. */
export const isSchedulerMissing = (error: unknown) => error instanceof OneoffError && error.code === "no-scheduler";

export const crontabUnreadable = (stderr: string) =>
  new OneoffError("crontab-unreadable", `Cannot read the crontab: ${reasonOf(stderr)}; nothing has changed`, {
    next: "crontab -l",
  });

export const crontabRejected = (stderr: string) =>
  new OneoffError("crontab-rejected", `Cannot write the crontab: ${reasonOf(stderr)}; nothing has changed`, {
    next: "oneoff cron:install --dry-run …",
  });

export const crontabBroken = (app: string) =>
  new OneoffError(
    "crontab-broken",
    `Expected one block from "# BEGIN oneoff cron:install ${app}" to "# END oneoff cron:install ${app}" in the crontab, with lines of oneoff only; nothing has changed`,
    { next: `crontab -e, and remove the lines of oneoff for ${app}` },
  );

export const systemctlMissing = (cause: unknown) =>
  new OneoffError("no-scheduler", "Cannot run systemctl: it is not installed", {
    next: "oneoff cron:install --crontab …",
    cause,
  });

export const systemctlFailed = (argv: readonly string[], stderr: string) =>
  new OneoffError("systemctl-failed", `${argv.join(" ")} failed: ${reasonOf(stderr)}`, {
    next: "fix the cause, then run oneoff cron:install again",
  });

export const foreignUnit = (file: string, app: string) =>
  new OneoffError(
    "foreign-unit",
    `${quoted(file)} exists, and oneoff did not write it for ${app}; nothing has changed`,
    {
      next: `mv ${plain(file)} ELSEWHERE`,
    },
  );

export const unitUnwritable = (file: string, cause: unknown) => {
  const { code, message } = cause as NodeJS.ErrnoException;
  const isDenied = code === "EACCES" || code === "EPERM";
  return new OneoffError(
    "unit-unwritable",
    `Cannot write ${quoted(file)}: ${isDenied ? "permission denied" : message}`,
    {
      next: isDenied
        ? "run it as root, or for the service manager of your user: oneoff cron:install --user …"
        : "check the folder and the free disk space, then try again",
      cause,
    },
  );
};

/** @param zone the one of the machine. */
export const crontabHasNoZones = (app: string, id: string, timezone: string, zone: string) =>
  usage(
    "crontab-time-zone",
    `Task ${id} of ${app} has the time zone ${plain(timezone)}, and crontab knows only the one of this machine, ${plain(zone)}`,
    "use a host with systemd, or write the schedule in the time zone of this machine",
  );

export const noSystemd = (app: string) =>
  usage("no-scheduler", "systemd does not run on this host", `oneoff cron:install --crontab ${app}`);

/** A warning. */
export const noLinger = (user: string) =>
  `timers of a user stop at logout; to keep them: loginctl enable-linger ${plain(user)}`;

/** A warning. */
export const schedulesUnknown = (app: string, error: unknown) => because(`cannot check the schedules of ${app}`, error);

/** A warning. */
export const schedulesLeft = (app: string) => `the schedules of ${app} are still installed: oneoff cron:remove ${app}`;

/** @param what a path with a line break, or the path of a program with a quote or a backslash. */
export const notSchedulable = (what: string) =>
  usage("not-schedulable", `${quoted(what)} has a character that the scheduler does not accept`, "rename it");

export const nothingScheduled = (app: string) =>
  usage("no-tasks", `${app} has no scheduled tasks in oneoff.yaml or its live release`, "oneoff help cron");
