import { hasControls, replaceControls } from "../../text/escape.ts";
import { type CronTask, taskId } from "./cron-task.ts";
import { type Entries, type Launch, launchTask } from "./launch.ts";
import { toOnCalendar } from "./on-calendar.ts";

/** The first line of a unit proves that oneoff wrote it for the app. */
const firstLine = (app: string) => `# Written by oneoff cron:install ${app}. The next install replaces this file.\n`;

export const isUnitOf = (app: string, text: string) => text.startsWith(firstLine(app));

/** The names of unit files that may belong to an app. */
export const isUnitName = (app: string, name: string) =>
  name.startsWith(`oneoff-${app}-`) && /-[a-z0-9]+\.(?:timer|service)$/.test(name);

/** A timer and a service for each task. @param isUser for the service manager of a user. */
export function unitFiles(app: string, tasks: readonly CronTask[], launch: Launch, isUser: boolean): Entries {
  return new Map(
    tasks.flatMap((task) => {
      const id = taskId(app, task);
      return [
        [`oneoff-${app}-${id}.timer`, firstLine(app) + timer(app, id, task)],
        [`oneoff-${app}-${id}.service`, firstLine(app) + service(app, id, task, launch, isUser)],
      ];
    }),
  );
}

/** cron does not make up for missed runs either. */
const timer = (app: string, id: string, { times, timezone }: CronTask) => `[Unit]
Description=Schedule of task ${id} of ${app}

[Timer]
${toOnCalendar(times, timezone)
  .map((event) => `OnCalendar=${event}\n`)
  .join("")}AccuracySec=1s
Persistent=false

[Install]
WantedBy=timers.target
`;

const service = (app: string, id: string, task: CronTask, launch: Launch, isUser: boolean) => `[Unit]
Description=Task ${id} of ${app}
After=docker.service

[Service]
Type=oneshot
ExecStart=:${command(app, task, launch, isUser).map(quoted).join(" ")}
`;

/**
 * The service starts each run as a transient service. systemd does not start a service that runs already, and then
 * starts it again as soon as it has exited: neither is a policy for overlaps.
 */
const command = (app: string, task: CronTask, launch: Launch, isUser: boolean): readonly string[] => [
  "/usr/bin/systemd-run",
  ...(isUser ? ["--user"] : []),
  ...["--quiet", "--collect", "--working-directory=/", `--property=SyslogIdentifier=oneoff-${app}`],
  ...launch.env.map(([name, value]) => `--setenv=${name}=${value}`),
  "--",
  // systemd-run expands variables in arguments.
  ...launchTask(launch, app, task).map((word, index) => (index === 0 ? word : word.replaceAll("$", "$$$$"))),
];

/** A word of a unit file: `%` begins a specifier. The `:` of ExecStart keeps `$`. */
function quoted(word: string): string {
  const escaped = word.replaceAll(/[\\"]/g, "\\$&").replaceAll("%", "%%");
  return /^[\w@%+=:,./-]+$/.test(escaped) && !hasControls(word)
    ? escaped
    : `"${replaceControls(escaped, hexadecimal)}"`;
}

const hexadecimal = (control: string) =>
  Array.from(new TextEncoder().encode(control), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
