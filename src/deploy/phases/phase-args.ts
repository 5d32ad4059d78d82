import type { App } from "../../app/app.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { noPhaseCommand } from "../../errors/deploy.ts";
import { currentRelease } from "../../release/releases.ts";
import type { Phase } from "../step-names.ts";
import { phaseCommand } from "./phase-command.ts";

/**
 * The arguments of a one-off that runs a phase of the current release, as a deploy would.
 * @param manager of the Swarm that runs the app.
 */
export async function phaseArgs(
  engine: Transport,
  app: App,
  phase: Phase,
  manager?: Transport | undefined,
): Promise<string[]> {
  const release = manager ? await swarmRelease(manager, app.name) : await currentRelease(engine, app.name);
  const { predeploy, postdeploy, firstPostdeploy } = release?.appJson.scripts ?? {};
  const line = {
    predeploy,
    postdeploy,
    release: release?.procfile.get("release") ?? app.procfile.get("release"),
    "first-postdeploy": firstPostdeploy,
  }[phase];
  if (line === undefined) throw noPhaseCommand(app.name, phase);
  const { Config } = await inspectImage(engine, app.image);
  const { entrypoint, shell } = app.settings;
  return phaseCommand({ phase, line }, entrypoint ?? (app.launcher ? undefined : Config?.Entrypoint), shell);
}

/** Loaded on demand: a run on one engine does not need it. */
async function swarmRelease(manager: Transport, app: string) {
  const { readSwarmApp } = await import("../swarm/swarm-app.ts");
  return (await readSwarmApp(manager, app)).current;
}
