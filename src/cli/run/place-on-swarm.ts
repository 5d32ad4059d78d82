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
  options: Pick<RunOptions, "networks" | "detach">,
): Promise<SwarmRun | undefined> {
  if (resolved.swarm) {
    const { placeRun } = await import("./swarm-run.ts");
    return await placeRun(context, engine, flags, { resolved, service: resolved.swarm, options });
  }
  const option = Object.keys(swarmOptions).find((name) => flags[name as keyof typeof swarmOptions] !== undefined);
  if (option !== undefined) throw notAService(`--${option}`, resolved.app.name);
  return undefined;
}
