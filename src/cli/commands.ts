import type { Command, Options } from "./command.ts";
import { commonOptions } from "./common-options.ts";
import type { CommandShape } from "./shapes.ts";

/** A command is loaded when it is needed: most commands need none of the others. */
type Named = readonly [name: string, load: () => Promise<Command>];

/** In the order of `oneoff help`, by heading. */
export const GROUPS: ReadonlyMap<string, readonly Named[]> = new Map<string, readonly Named[]>([
  [
    "One-offs",
    [
      ["run", async () => (await import("./run/run.ts")).runCommand],
      ["ps", async () => (await import("./oneoffs/ps.ts")).psCommand],
      ["logs", async () => (await import("./oneoffs/logs.ts")).logsCommand],
      ["attach", async () => (await import("./oneoffs/attach.ts")).attachCommand],
      ["wait", async () => (await import("./oneoffs/wait.ts")).waitCommand],
      ["exec", async () => (await import("./oneoffs/exec.ts")).execCommand],
      ["stop", async () => (await import("./oneoffs/stop.ts")).stopCommand],
      ["cp", async () => (await import("./oneoffs/cp.ts")).cpCommand],
      ["locks", async () => (await import("./oneoffs/locks.ts")).locksCommand],
      ["unlock", async () => (await import("./oneoffs/locks.ts")).unlockCommand],
      ["reap", async () => (await import("./oneoffs/reap.ts")).reapCommand],
    ],
  ],
  [
    "Apps",
    [
      ["apps", async () => (await import("./apps/apps.ts")).appsCommand],
      ["app:info", async () => (await import("./apps/app-info.ts")).appInfoCommand],
      ["init", async () => (await import("./apps/init.ts")).initCommand],
      ["cron", async () => (await import("./cron/cron.ts")).cronCommand],
    ],
  ],
  [
    "Deploys",
    [
      ["deploy", async () => (await import("./deploys/deploy.ts")).deployCommand],
      ["releases", async () => (await import("./deploys/releases.ts")).releasesCommand],
      ["rollback", async () => (await import("./deploys/rollback.ts")).rollbackCommand],
      ["scale", async () => (await import("./deploys/scale.ts")).scaleCommand],
      ["start", async () => (await import("./deploys/start.ts")).startCommand],
      ["restart", async () => (await import("./deploys/start.ts")).restartCommand],
      ["ps:stop", async () => (await import("./deploys/ps-stop.ts")).psStopCommand],
      ["destroy", async () => (await import("./deploys/destroy.ts")).destroyCommand],
    ],
  ],
  [
    "Setup",
    [
      ["doctor", async () => (await import("./doctor/doctor.ts")).doctorCommand],
      ["selftest", async () => (await import("./selftest/selftest.ts")).selftestCommand],
      ["completion", async () => (await import("./completion/completion.ts")).completionCommand],
    ],
  ],
]);

/** Commands that the overview names without a description, and other names of commands. */
export const MORE_COMMANDS: readonly Named[] = [
  ["app-json:set", async () => (await import("./apps/app-json-set.ts")).appJsonSetCommand],
  ["app-json:report", async () => (await import("./apps/app-json-report.ts")).appJsonReportCommand],
  ["cron:run", async () => (await import("./cron/cron-run.ts")).cronRunCommand],
  ["cron:install", async () => (await import("./cron/cron-install.ts")).cronInstallCommand],
  ["cron:remove", async () => (await import("./cron/cron-install.ts")).cronRemoveCommand],
  ["run:detached", async () => (await import("./run/run.ts")).runDetachedCommand],
  ["run:list", async () => (await import("./oneoffs/ps.ts")).runListCommand],
  ["run:logs", async () => (await import("./oneoffs/logs.ts")).runLogsCommand],
  ["run:stop", async () => (await import("./oneoffs/stop.ts")).runStopCommand],
  ["run:retire", async () => (await import("./oneoffs/reap.ts")).runRetireCommand],
];

const LOADERS: ReadonlyMap<string, Named[1]> = new Map([...[...GROUPS.values()].flat(), ...MORE_COMMANDS]);

/** Options without a command. */
export const GLOBAL = {
  version: { type: "boolean", alias: "V", describe: "Show the version" },
  help: commonOptions.help,
  "no-pager": commonOptions["no-pager"],
} as const satisfies Options;

/** What may be typed as a command, but is none of a file of its own. */
export const WITHOUT_COMMAND: ReadonlyMap<string, CommandShape> = new Map<string, CommandShape>([
  ["help", { options: GLOBAL, completions: ["topic", "part"], most: 2 }],
  ["version", { options: GLOBAL }],
]);

/** Everything that may be typed as a command. */
export const COMMAND_NAMES: ReadonlySet<string> = new Set([...LOADERS.keys(), ...WITHOUT_COMMAND.keys()]);

/** @returns undefined for an unknown name. */
export const loadCommand = async (name: string | undefined): Promise<Command | undefined> =>
  await LOADERS.get(name ?? "")?.();

/** All commands by name, in the order of `oneoff help`. */
export async function loadCommands(): Promise<ReadonlyMap<string, Command>> {
  return new Map(await Promise.all(Array.from(LOADERS, async ([name, load]) => [name, await load()] as const)));
}

/** The shape of everything that may be typed as a command. */
export async function loadShapes(): Promise<ReadonlyMap<string, CommandShape>> {
  const { PREPARED_SHAPES } = await import("./prepared-shapes.ts");
  const shapes = PREPARED_SHAPES ? Object.entries(PREPARED_SHAPES) : await loadCommands();
  return new Map<string, CommandShape>([...shapes, ...WITHOUT_COMMAND]);
}
