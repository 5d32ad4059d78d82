import type { EndpointOptions } from "../../engine/endpoint/endpoint-chain.ts";
import type { Transport } from "../../engine/transport.ts";
import { schedulesLeft, schedulesUnknown } from "../../errors/cron.ts";
import { OneoffError, warning } from "../../errors/error.ts";
import { findManifest } from "../../oneoff/apps/manifest-file.ts";
import type { Report } from "../../output/events.ts";
import type { Release } from "../../release/release.ts";
import type { Context } from "../context.ts";
import { readTasks } from "./app-tasks.ts";
import { checkSchedules, installedSchedulers, installSchedules } from "./installation.ts";

interface LiveApp {
  readonly engine: Transport;
  readonly report: Report;
  readonly app: string;
  readonly flags: EndpointOptions & { readonly config?: string };
  /** The live release, if it was read before. */
  readonly release?: Release | undefined;
  /** The schedulers with entries of the app, if they are being read. */
  readonly installed?: ReturnType<typeof installedSchedulers> | undefined;
}

/**
 * Installs the schedules of a live release if oneoff.yaml requests it, else reports whether they are out of date.
 * @throws OneoffError if they cannot be installed.
 */
export async function updateSchedules(
  context: Context,
  { engine, report, app, flags, release, installed }: LiveApp,
): Promise<void> {
  const to = { context, engine, report, flags };
  const isRequested = (await findManifest(flags.config, context))?.manifest.apps.get(app)?.cron?.install === true;
  try {
    const tasks = await readTasks(engine, context, { app, config: flags.config, command: "cron:install", release });
    if (isRequested) await installSchedules(to, context.schedulers.usual(), tasks);
    else await checkSchedules(to, tasks, await (installed ?? installedSchedulers(context, app)));
  } catch (error) {
    // The release is live. A check that fails is no failure of the deploy.
    if (isRequested || !(error instanceof OneoffError)) throw error;
    report(warning(schedulesUnknown(app, error)));
  }
}

/** Schedules of a deleted app would fail. */
export async function reportSchedulesLeft(context: Context, app: string, report: Report): Promise<void> {
  const installed = await installedSchedulers(context, app).catch(() => []);
  if (installed.length > 0) report(warning(schedulesLeft(app)));
}
