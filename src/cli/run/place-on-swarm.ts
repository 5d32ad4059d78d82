import type { Transport } from "../../engine/transport.ts";
import { notAService } from "../../errors/swarm-run.ts";
import type { Resolved } from "../../oneoff/apps/resolved-app.ts";
import type { RunOptions } from "../../oneoff/spec/options.ts";
import type { Report } from "../../output/events.ts";
import type { Context } from "../context.ts";
import type { RunFlags } from "./run-options.ts";
import { swarmOptions } from "./swarm-options.ts";
import type { SwarmRun } from "./swarm-run.ts";

/** @returns where a service of a Swarm runs; undefined for another app. */
export async function placeOnSwarm(
  context: Context,
  engine: { readonly home: Transport; readonly report: Report },
  flags: RunFlags,
  resolved: Resolved,
  { networks = resolved.app.settings.networks }: Pick<RunOptions, "networks">,
): Promise<SwarmRun | undefined> {
  const { app, swarm } = resolved;
  if (swarm) {
    const { placeRun } = await import("./swarm-run.ts");
    return await placeRun(context, engine, flags, { ...resolved, swarm }, networks);
  }
  const option = Object.keys(swarmOptions).find((name) => flags[name as keyof typeof swarmOptions] !== undefined);
  if (option !== undefined) throw notAService(`--${option}`, app.name);
  return undefined;
}
