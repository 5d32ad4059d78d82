import { appInfoCommand } from "./apps/app-info.ts";
import { appJsonReportCommand } from "./apps/app-json-report.ts";
import { appJsonSetCommand } from "./apps/app-json-set.ts";
import { appsCommand } from "./apps/apps.ts";
import { initCommand } from "./apps/init.ts";
import type { Command } from "./command.ts";
import { commonOptions } from "./common-options.ts";
import { completionCommand } from "./completion/completion.ts";
import { cronCommand } from "./cron/cron.ts";
import { cronInstallCommand, cronRemoveCommand } from "./cron/cron-install.ts";
import { cronRunCommand } from "./cron/cron-run.ts";
import { deployCommand } from "./deploys/deploy.ts";
import { destroyCommand } from "./deploys/destroy.ts";
import { psStopCommand } from "./deploys/ps-stop.ts";
import { releasesCommand } from "./deploys/releases.ts";
import { rollbackCommand } from "./deploys/rollback.ts";
import { scaleCommand } from "./deploys/scale.ts";
import { restartCommand, startCommand } from "./deploys/start.ts";
import { doctorCommand } from "./doctor/doctor.ts";
import { attachCommand } from "./oneoffs/attach.ts";
import { cpCommand } from "./oneoffs/cp.ts";
import { execCommand } from "./oneoffs/exec.ts";
import { locksCommand, unlockCommand } from "./oneoffs/locks.ts";
import { logsCommand, runLogsCommand } from "./oneoffs/logs.ts";
import { psCommand, runListCommand } from "./oneoffs/ps.ts";
import { reapCommand, runRetireCommand } from "./oneoffs/reap.ts";
import { runStopCommand, stopCommand } from "./oneoffs/stop.ts";
import { waitCommand } from "./oneoffs/wait.ts";
import { runCommand, runDetachedCommand } from "./run/run.ts";
import { selftestCommand } from "./selftest/selftest.ts";
import type { CommandShape } from "./shapes.ts";

type Named = readonly [name: string, command: Command];

/** In the order of `oneoff help`, by heading. */
export const GROUPS: ReadonlyMap<string, readonly Named[]> = new Map<string, readonly Named[]>([
  [
    "One-offs",
    [
      ["run", runCommand],
      ["ps", psCommand],
      ["logs", logsCommand],
      ["attach", attachCommand],
      ["wait", waitCommand],
      ["exec", execCommand],
      ["stop", stopCommand],
      ["cp", cpCommand],
      ["locks", locksCommand],
      ["unlock", unlockCommand],
      ["reap", reapCommand],
    ],
  ],
  [
    "Apps",
    [
      ["apps", appsCommand],
      ["app:info", appInfoCommand],
      ["init", initCommand],
      ["cron", cronCommand],
    ],
  ],
  [
    "Deploys",
    [
      ["deploy", deployCommand],
      ["releases", releasesCommand],
      ["rollback", rollbackCommand],
      ["scale", scaleCommand],
      ["start", startCommand],
      ["restart", restartCommand],
      ["ps:stop", psStopCommand],
      ["destroy", destroyCommand],
    ],
  ],
  [
    "Setup",
    [
      ["doctor", doctorCommand],
      ["selftest", selftestCommand],
      ["completion", completionCommand],
    ],
  ],
]);

/** Commands that the overview names without a description, and other names of commands. */
export const MORE_COMMANDS: readonly Named[] = [
  ["app-json:set", appJsonSetCommand],
  ["app-json:report", appJsonReportCommand],
  ["cron:run", cronRunCommand],
  ["cron:install", cronInstallCommand],
  ["cron:remove", cronRemoveCommand],
  ["run:detached", runDetachedCommand],
  ["run:list", runListCommand],
  ["run:logs", runLogsCommand],
  ["run:stop", runStopCommand],
  ["run:retire", runRetireCommand],
];

export const COMMANDS: ReadonlyMap<string, Command> = new Map([...[...GROUPS.values()].flat(), ...MORE_COMMANDS]);

/** Options without a command. */
export const GLOBAL = {
  version: { type: "boolean", alias: "V", describe: "Show the version" },
  help: commonOptions.help,
  "no-pager": commonOptions["no-pager"],
} as const;

/** Everything that may be typed as a command. */
export const SHAPES: ReadonlyMap<string, CommandShape> = new Map<string, CommandShape>([
  ...COMMANDS,
  ["help", { options: GLOBAL, completions: ["topic", "part"], most: 2 }],
  ["version", { options: GLOBAL }],
]);
