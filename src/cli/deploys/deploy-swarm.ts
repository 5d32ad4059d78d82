import { removeOldPhases } from "../../deploy/phases/old-phases.ts";
import { planDeploy } from "../../deploy/plan.ts";
import { findForeignServices, findSwarmObjects, requireManager } from "../../deploy/swarm/check-swarm.ts";
import { deployToSwarm } from "../../deploy/swarm/deploy-swarm.ts";
import { abandonedReleases, nextSwarmNumber, readSwarmApp } from "../../deploy/swarm/swarm-app.ts";
import { swarmFormation } from "../../deploy/swarm/swarm-formation.ts";
import { readSwarmScale } from "../../deploy/swarm/swarm-scale.ts";
import { removeTemporaryTags } from "../../deploy/temporary-images.ts";
import { withProfiles } from "../../oneoff/apps/seccomp-profiles.ts";
import { printText } from "../../output/print.ts";
import { removeSwarmRelease } from "../../release/swarm-releases.ts";
import type { Context } from "../context.ts";
import { updateSchedules } from "../cron/after-deploy.ts";
import { deployEnv } from "./deploy-env.ts";
import type { DeployInput } from "./deploy-input.ts";
import { openDeploySession } from "./deploy-session.ts";
import { openImage } from "./deploy-source.ts";
import { planned, printPlan } from "./print-plan.ts";

/** Deploys an app as services of the Swarm of the engine. */
export async function deployApp(input: DeployInput, context: Context): Promise<number> {
  const { flags, name, described, choice, phaseTimeout, keepReleases, source } = input;
  await using session = openDeploySession(context, name, flags);
  const { engine } = session;
  await requireManager(engine);
  await using lock = flags["dry-run"] ? undefined : await session.lockInSwarm(flags.wait ?? false);
  const settings = described ? withProfiles(described, context) : {};
  const objects = await findSwarmObjects(engine, { name, settings });
  // If the deploy fails before it starts, the image of an archive is removed.
  await using loaded = new AsyncDisposableStack();
  if (source.kind === "archive") loaded.defer(() => lock?.cleanUp(() => removeTemporaryTags(engine, name)));
  const { files, ...image } = await openImage(session, { ...input, app: name }, context);
  const [swarmApp, scale] = await Promise.all([readSwarmApp(engine, name), readSwarmScale(engine, name)]);
  const isFirst = swarmApp.current?.isPostdeployed !== true;
  const plan = planDeploy({ source, ...files, isFirst, choice });
  const types = swarmFormation({ name, env: new Map(), settings }, files, scale).map(({ type }) => type);
  const replaced = await findForeignServices(engine, name, types, flags.force ?? false);
  if (!lock) {
    if (flags.json) session.report({ type: "plan", app: name, steps: planned(plan) });
    else printText(context.terminal.stdout, planned(plan), printPlan);
    return 0;
  }
  session.report({ type: "plan", app: name, steps: planned(plan) });
  await removeOldPhases(engine, name);
  for (const release of abandonedReleases(swarmApp)) await removeSwarmRelease(engine, release);
  const env = deployEnv(name, described, files.appJson.env, context, session.report);
  const release = await deployToSwarm(session, {
    ...{ lock, app: { name, env, settings }, plan, files, scale, phaseTimeout, keepReleases, isFirst, swarmApp },
    ...{ ...image, ...objects, replaced, publication: { by: "nodes" } },
    number: nextSwarmNumber(swarmApp),
    force: (flags.force ?? false) || swarmApp.isUnfinished || Object.keys(choice).length > 0,
  });
  await updateSchedules(context, { ...session, app: name, flags });
  if (release && !flags.json) printText(context.terminal.stdout, release.image, (image) => `${image}\n`);
  return 0;
}
