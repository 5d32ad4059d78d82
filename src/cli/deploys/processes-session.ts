import { isAppName } from "../../app/app-name.ts";
import { mergeEnv } from "../../app/env.ts";
import { parseDuration } from "../../app/units.ts";
import { abandonOnSignals } from "../../deploy/abandon.ts";
import { rollOut } from "../../deploy/rollout/roll-out.ts";
import { readScale } from "../../deploy/rollout/scale.ts";
import { badAppName } from "../../errors/app.ts";
import { noApp } from "../../errors/cli.ts";
import { warning } from "../../errors/error.ts";
import { nothingReleased } from "../../errors/processes.ts";
import { requireOwnApp } from "../../oneoff/apps/deployer-of.ts";
import { findManifest, readEnv } from "../../oneoff/apps/manifest-file.ts";
import type { DeployApp } from "../../release/release.ts";
import { currentRelease } from "../../release/releases.ts";
import { appOption, commonOptions, configOption, reportOptions } from "../common-options.ts";
import type { Context } from "../context.ts";
import type { ReportOptions } from "../reporting.ts";
import { deployOptions } from "./deploy-options.ts";
import { type DeploySession, openDeploySession } from "./deploy-session.ts";

const { wait } = deployOptions;

/** Options of commands about an app's processes. */
export const processesOptions = { ...appOption, wait, ...reportOptions, ...commonOptions } as const;

/** Options of commands that start processes. */
export const startOptions = {
  ...appOption,
  ...configOption,
  "health-wait": {
    type: "string",
    placeholder: "DURATION",
    describe: "Time without an exit that makes a process healthy (default 10s)",
  },
  ...processesOptions,
} as const;

interface Given extends ReportOptions {
  readonly app?: string;
  readonly host?: string;
  readonly config?: string;
  readonly wait?: boolean;
  readonly "health-wait"?: string;
}

/** @returns the app, and the arguments after it. */
export function appAndRest({ app }: Given, args: readonly string[], command: string, usage: string) {
  const [name, ...rest] = app === undefined ? args : [app, ...args];
  if (name === undefined) throw noApp(command, usage);
  if (!isAppName(name)) throw badAppName(name);
  return { name, rest };
}

/** Changes an app's processes exclusively, until a signal cancels it. */
export async function withProcesses<T>(
  context: Context,
  flags: Given,
  app: string,
  work: (session: DeploySession) => Promise<T>,
): Promise<T> {
  return await abandonOnSignals(context.terminal, async () => {
    await using session = openDeploySession(context, app, flags);
    await using _lock = await session.lock(flags.wait ?? false);
    return await work(session);
  });
}

/** An app with the settings for a deploy. */
export function deployedApp(context: Context, flags: Given, name: string): DeployApp {
  const { config } = flags;
  const warn = (message: string) => context.report(flags)(warning(message));
  const described = findManifest(config, context)?.manifest.apps.get(name);
  const env = mergeEnv(context.envStore.read(name), described ? readEnv(described, context, warn) : new Map());
  return { name, env, settings: described ?? {} };
}

/** Starts processes of the live release. @param keepRunning whether running processes are kept. */
export async function startProcesses(
  context: Context,
  flags: Given,
  name: string,
  { keepRunning, command }: { readonly keepRunning: boolean; readonly command: "start" | "restart" },
): Promise<number> {
  const app = deployedApp(context, flags, name);
  const healthWait = healthWaitOf(flags);
  await withProcesses(context, flags, name, async (session) => {
    const { engine } = session;
    const [release, scale] = await Promise.all([currentRelease(engine, name), readScale(engine, name)]);
    if (!release) {
      await requireOwnApp(engine, name, findManifest(flags.config, context), command);
      throw nothingReleased(name);
    }
    await rollOut(session, { app, release, scale, keepRunning, healthWait });
  });
  return 0;
}

export const healthWaitOf = (flags: Given) =>
  flags["health-wait"] === undefined ? undefined : parseDuration(flags["health-wait"], "--health-wait");
