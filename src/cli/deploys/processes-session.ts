import { isAppName } from "../../app/app-name.ts";
import { mergeEnv } from "../../app/env.ts";
import { parseDuration } from "../../app/units.ts";
import { abandonOnSignals } from "../../deploy/abandon.ts";
import { rollOut } from "../../deploy/rollout/roll-out.ts";
import { readScale } from "../../deploy/rollout/scale.ts";
import { isSwarmApp } from "../../deploy/swarm/is-swarm-app.ts";
import { readSwarmApp, type SwarmApp } from "../../deploy/swarm/swarm-app.ts";
import { restartServices, startServices } from "../../deploy/swarm/swarm-operations.ts";
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

/** What to do with the processes of an app on one engine, and with its services in a Swarm. */
interface ProcessWork<T> {
  onEngine(session: DeploySession): Promise<T>;
  inSwarm(session: DeploySession, swarmApp: SwarmApp): Promise<T>;
}

/** Changes an app's processes exclusively, until a signal cancels it. */
export async function withProcesses<T>(
  context: Context,
  flags: Given,
  app: string,
  { onEngine, inSwarm }: ProcessWork<T>,
): Promise<T> {
  const isWaiting = flags.wait ?? false;
  return await abandonOnSignals(context.terminal, async () => {
    await using session = openDeploySession(context, app, flags);
    const isDeclared = await isForSwarm(context, flags, app);
    const isLocal = !isDeclared && (await currentRelease(session.engine, app)) !== undefined;
    if (!(await isSwarmApp(session.engine, app, { isDeclared, isLocal }))) {
      await using _lock = await session.lock(isWaiting);
      return await onEngine(session);
    }
    await using _lock = await session.lockInSwarm(isWaiting);
    return await inSwarm(session, await readSwarmApp(session.engine, app));
  });
}

/** Whether oneoff.yaml deploys an app to a Swarm. */
export const isForSwarm = async (context: Context, { config }: Given, app: string): Promise<boolean> =>
  (await findManifest(config, context))?.manifest.apps.get(app)?.swarm ?? false;

/** An app with the settings for a deploy. */
export async function deployedApp(context: Context, flags: Given, name: string): Promise<DeployApp> {
  const { config } = flags;
  const warn = (message: string) => context.report(flags)(warning(message));
  const described = (await findManifest(config, context))?.manifest.apps.get(name);
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
  const app = await deployedApp(context, flags, name);
  const healthWait = healthWaitOf(flags);
  await withProcesses(context, flags, name, {
    async onEngine(session) {
      const { engine } = session;
      const [release, scale] = await Promise.all([currentRelease(engine, name), readScale(engine, name)]);
      if (!release) {
        await requireOwnApp(engine, name, await findManifest(flags.config, context), command);
        throw nothingReleased(name);
      }
      await rollOut(session, { app, release, scale, keepRunning, healthWait });
    },
    inSwarm: (session, swarmApp) =>
      (keepRunning ? startServices : restartServices)({ ...session, healthWait }, { ...swarmApp, app }),
  });
  return 0;
}

export const healthWaitOf = (flags: Given) =>
  flags["health-wait"] === undefined ? undefined : parseDuration(flags["health-wait"], "--health-wait");
