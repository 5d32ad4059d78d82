import { appInfoCommand } from "./app-info.ts";
import { appJsonReportCommand } from "./app-json-report.ts";
import { appJsonSetCommand } from "./app-json-set.ts";
import { appsCommand } from "./apps.ts";
import type { CommandShape } from "./argv.ts";
import { attachCommand } from "./attach.ts";
import type { Command } from "./command.ts";
import { cpCommand } from "./cp.ts";
import { deployCommand } from "./deploy.ts";
import { destroyCommand } from "./destroy.ts";
import { execCommand } from "./exec.ts";
import { initCommand } from "./init.ts";
import { locksCommand, unlockCommand } from "./locks.ts";
import { logsCommand, runLogsCommand } from "./logs.ts";
import { psCommand, runListCommand } from "./ps.ts";
import { psStopCommand } from "./ps-stop.ts";
import { reapCommand, runRetireCommand } from "./reap.ts";
import { releasesCommand } from "./releases.ts";
import { rollbackCommand } from "./rollback.ts";
import { runCommand, runDetachedCommand } from "./run.ts";
import { scaleCommand } from "./scale.ts";
import { restartCommand, startCommand } from "./start.ts";
import { runStopCommand, stopCommand } from "./stop.ts";
import { waitCommand } from "./wait.ts";

/** In the order of the help. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["run", runCommand],
  ["run:detached", runDetachedCommand],
  ["ps", psCommand],
  ["logs", logsCommand],
  ["attach", attachCommand],
  ["wait", waitCommand],
  ["exec", execCommand],
  ["stop", stopCommand],
  ["cp", cpCommand],
  ["reap", reapCommand],
  ["locks", locksCommand],
  ["unlock", unlockCommand],
  ["run:list", runListCommand],
  ["run:logs", runLogsCommand],
  ["run:stop", runStopCommand],
  ["run:retire", runRetireCommand],
  ["apps", appsCommand],
  ["app:info", appInfoCommand],
  ["app-json:set", appJsonSetCommand],
  ["app-json:report", appJsonReportCommand],
  ["deploy", deployCommand],
  ["releases", releasesCommand],
  ["rollback", rollbackCommand],
  ["scale", scaleCommand],
  ["start", startCommand],
  ["restart", restartCommand],
  ["ps:stop", psStopCommand],
  ["destroy", destroyCommand],
  ["init", initCommand],
]);

/** Where no command is named. */
export const GLOBAL = {
  version: { type: "boolean", alias: "V", describe: "Show the version" },
  help: { type: "boolean", alias: "h", describe: "Show this" },
} as const;

/** Every word that may stand in a command's place. */
export const SHAPES: ReadonlyMap<string, CommandShape> = new Map<string, CommandShape>([
  ...COMMANDS,
  ["help", { options: GLOBAL }],
  ["version", { options: GLOBAL }],
]);
