import type { CronTask } from "../../app/cron/cron-task.ts";
import { isSwarmApp } from "../../deploy/swarm/is-swarm-app.ts";
import { readSwarmApp } from "../../deploy/swarm/swarm-app.ts";
import type { Transport } from "../../engine/transport.ts";
import { findDeployer } from "../../oneoff/apps/deployer-of.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import type { Release } from "../../release/release.ts";
import { currentRelease } from "../../release/releases.ts";
import type { Context } from "../context.ts";

/** The scheduled tasks of an app. */
export interface AppTasks {
  readonly app: string;
  readonly tasks: readonly CronTask[];
  /** The oneoff.yaml that describes the app. */
  readonly file: string | undefined;
  /** Whether a deploy installs the schedules; undefined if oneoff.yaml does not set it. */
  readonly install: boolean | undefined;
}

interface TasksRequest {
  readonly app: string;
  readonly config: string | undefined;
  /** For errors. */
  readonly command: string;
  /** The live release, if it was read before. */
  readonly release?: Release | undefined;
}

/**
 * Reads the tasks of an app from `cron` of oneoff.yaml, else from app.json of the live release.
 * @throws OneoffError for an unknown app.
 */
export async function readTasks(
  engine: Transport,
  context: Context,
  { app, config, command, release: known }: TasksRequest,
): Promise<AppTasks> {
  const found = await findManifest(config, context);
  const described = found?.manifest.apps.get(app);
  const { tasks: own, timezone, install } = described?.cron ?? {};
  const release = own ? undefined : (known ?? (await liveRelease(engine, app, described?.swarm ?? false)));
  if (own === undefined && !release) await findDeployer(engine, app, found, command);
  const tasks = own ?? release?.appJson.cron ?? [];
  return {
    app,
    tasks: timezone === undefined ? tasks : tasks.map((task) => ({ timezone, ...task })),
    file: described && found?.file,
    install,
  };
}

async function liveRelease(engine: Transport, app: string, isDeclared: boolean): Promise<Release | undefined> {
  const local = isDeclared ? undefined : await currentRelease(engine, app);
  if (local || !(await isSwarmApp(engine, app, { isDeclared, isLocal: false }))) return local;
  return (await readSwarmApp(engine, app)).current;
}
