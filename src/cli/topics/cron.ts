import { taskKeys } from "../../app/cron/cron-keys.ts";
import { keyRows } from "./key-rows.ts";
import type { Topic } from "./topic.ts";

export const cron: Topic = {
  about: "Tasks on a schedule: keys, overlaps, time zones",
  text: () => `\
A scheduled task is a command that the scheduler of the host runs as a one-off: systemd or cron. oneoff has no scheduler of its own.

    oneoff cron my-app
    oneoff cron:run my-app k3v9x2qa
    oneoff cron:install my-app

# Tasks
\`cron\` in app.json, as in dokku, is part of each release:

    { "cron": [{ "command": "bin/report", "schedule": "30 3 * * mon-fri" }] }

\`cron\` in oneoff.yaml is the same list and takes precedence over app.json.

${keyRows({ ...taskKeys }).join("\n")}

A command starts with a process type of the Procfile, or with a program. Operators such as ; && | and > need a process type, or sh -c '…'.

A schedule has five fields: minute, hour, day of month, month, and day of week. A field is *, a value, a range, a list, or one of them with a step: */15, 1-5, mon-fri/2. Sunday is 0 or 7. If both days begin with no *, one of them must match; otherwise both. @yearly, @monthly, @weekly, @daily and @hourly are accepted.

# A run
\`oneoff cron:run\` runs a task as its schedule does: without a TTY, with empty stdin, and with the exit code of the command. The one-off is named cron.ID.N, and the environment variable DYNO is cron.ID. \`oneoff ps\`, \`oneoff logs\` and \`oneoff stop\` accept the name.

A task that runs longer than --timeout, \`run.timeout\` of the app or 24 h is stopped, with exit code 124. \`oneoff cron\` shows the last run from the journal.

# Overlaps
allow :: Starts another one-off.
forbid :: Fails with exit code 125. The task that runs is left alone.
replace :: Stops the one-off that runs, then starts another one.

forbid and replace use a lock (oneoff locks), which holds on all machines that share the engine.

# Installation
\`oneoff cron:install\` writes systemd timers for root, and timers of the user for others (--user). Where systemd does not run, and with --crontab, it writes lines between markers into the crontab of the user. --dry-run prints them. \`oneoff cron:remove\` removes them.

- They contain the ID of a task, and no command.
- Only units and lines of oneoff are replaced or removed.
- Suspended tasks (\`maintenance\`) are not installed.
- Timers of a user stop at logout, unless lingering is enabled: \`loginctl enable-linger\`.
- A scheduler starts oneoff without the variables of your shell. Variables that oneoff.yaml needs belong in an env file.
- systemd writes output to its journal: \`journalctl -t oneoff-my-app\`. cron sends it by mail.

A deploy and a rollback report schedules that are out of date. \`cron: install\` in oneoff.yaml lets them install the tasks of app.json. Tasks of oneoff.yaml are then keys of a map:

    cron:
      install: true
      tasks:
      - {command: bin/report, schedule: "30 3 * * mon-fri"}

\`install: false\` disables the report about schedules that are not installed.

# Missed runs
A run is skipped if the host is off at its time, with systemd as with cron. \`oneoff cron:run\` runs the task later.

# Time zones
A schedule is in the time zone of the host, or in the \`timezone\` of the task. A crontab has no time zone per task: cron of Debian ignores CRON_TZ, and TZ is only a variable of the command. oneoff rejects a task with another time zone there.

When clocks go forward, systemd skips the times of the missing hour, and cron runs their tasks right after it. When clocks go back, systemd uses the repeated hour once; cron also repeats tasks with * in minute or hour. A schedule in UTC has no such hours.
`,
};
