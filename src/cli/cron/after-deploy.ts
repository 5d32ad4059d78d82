import type { EndpointOptions } from "../../engine/endpoint/endpoint-chain.ts";
import type { Transport } from "../../engine/transport.ts";
import { schedulesLeft, schedulesUnknown } from "../../errors/cron.ts";
import { OneoffError, warning } from "../../errors/error.ts";
import type { Report } from "../../output/events.ts";
import type { Context } from "../context.ts";
import { readTasks } from "./app-tasks.ts";
import { checkSchedules, installedSchedulers, installSchedules } from "./installation.ts";

interface LiveApp {
  readonly engine: Transport;
  readonly report: Report;
  readonly app: string;
  readonly flags: EndpointOptions & { readonly config?: string };
}

/**
 * Installs the schedules of a live release if oneoff.yaml says so, else reports whether they are out of date.
 * @throws OneoffError if they cannot be installed.
 */
export async function updateSchedules(context: Context, { engine, report, app, flags }: LiveApp): Promise<void> {
  const tasks = await readTasks(engine, context, { app, config: flags.config, command: "cron:install" });
  const to = { context, engine, report, flags };
  if (tasks.install) return await installSchedules(to, context.schedulers.usual(), tasks);
  // The release is live: what cannot be read is no failure of the deploy.
  await checkSchedules(to, tasks).catch((error: unknown) => {
    if (!(error instanceof OneoffError)) throw error;
    report(warning(schedulesUnknown(app, error)));
  });
}

/** Schedules of a deleted app would fail. */
export async function reportSchedulesLeft(context: Context, app: string, report: Report): Promise<void> {
  const installed = await installedSchedulers(context, app).catch(() => []);
  if (installed.length > 0) report(warning(schedulesLeft(app)));
}
