import { removeOldPhases } from "../../deploy/phases/old-phases.ts";
import { planDeploy, type Step } from "../../deploy/plan.ts";
import { findForeignServices, findSwarmObjects, requireManager } from "../../deploy/swarm/check-swarm.ts";
import { deployToSwarm } from "../../deploy/swarm/deploy-swarm.ts";
import { findRegistry, type Publication, withPublication } from "../../deploy/swarm/publication.ts";
import { type FindNodeEngine, findPublishNodes } from "../../deploy/swarm/publish-nodes.ts";
import { abandonedReleases, nextSwarmNumber, readSwarmApp } from "../../deploy/swarm/swarm-app.ts";
import { swarmFormation } from "../../deploy/swarm/swarm-formation.ts";
import { phaseOnSwarm } from "../../deploy/swarm/swarm-phase.ts";
import { readSwarmScale } from "../../deploy/swarm/swarm-scale.ts";
import { removeTemporaryTags } from "../../deploy/temporary-images.ts";
import { removeImage } from "../../engine/image-tags.ts";
import { deployedToEngine } from "../../errors/swarm-deploy.ts";
import { withProfiles } from "../../oneoff/apps/seccomp-profiles.ts";
import { requireNoService } from "../../oneoff/swarm/services/find-service.ts";
import { printText } from "../../output/print.ts";
import { currentRelease } from "../../release/releases.ts";
import { removeSwarmRelease } from "../../release/swarm-releases.ts";
import { failedSwarmTag } from "../../release/tags.ts";
import type { Context } from "../context.ts";
import { updateSchedules } from "../cron/after-deploy.ts";
import { nodeEngines } from "../node-engines.ts";
import { deployEnv } from "./deploy-env.ts";
import type { DeployInput } from "./deploy-input.ts";
import { type DeploySession, openDeploySession } from "./deploy-session.ts";
import { openImage } from "./deploy-source.ts";
import { planned, printPlan } from "./print-plan.ts";

/** Deploys an app as services of the Swarm of the engine. */
export async function deployApp(input: DeployInput, context: Context): Promise<number> {
  const { flags, name, described, choice, phaseTimeout, keepReleases, source } = input;
  await using session = openDeploySession(context, name, flags);
  const { engine } = session;
  const ownId = await requireManager(engine);
  await using lock = flags["dry-run"] ? undefined : await session.lockInSwarm(flags.wait ?? false);
  const settings = described ? withProfiles(described, context) : {};
  const app = { name, env: new Map<string, string>(), settings };
  const objects = await findSwarmObjects(engine, app);
  // If the deploy fails before it starts, the image of an archive is removed.
  await using loaded = new AsyncDisposableStack();
  if (source.kind === "archive") loaded.defer(() => lock?.cleanUp(() => removeTemporaryTags(engine, name)));
  const { files, ...image } = await openImage(session, { ...input, app: name }, context);
  const [swarmApp, scale] = await Promise.all([readSwarmApp(engine, name), readSwarmScale(engine, name)]);
  const isFirst = swarmApp.current?.isPostdeployed !== true;
  const plan = planDeploy({ source, ...files, isFirst, choice });
  const types = swarmFormation(app, files, scale).map(({ type }) => type);
  const replaced = await findForeignServices(engine, name, types, flags.force ?? false);
  await requireNoService(engine, name, true);
  if (await currentRelease(engine, name)) throw deployedToEngine(name);
  await using engines = nodeEngines(context, flags.config, session.report);
  const findEngine = engines.find;
  const publication = await planPublication(session, { input, plan, imageId: image.imageId, ownId, findEngine });
  const hasPhase = plan.some((step) => step.command !== undefined && step.skipped === undefined);
  const completePhase = hasPhase ? await phaseOnSwarm(session, app, objects) : undefined;
  const steps = withPublication(planned(plan), publication);
  if (!lock) {
    if (flags.json) session.report({ type: "plan", app: name, steps });
    else printText(context.terminal.stdout, steps, printPlan);
    return 0;
  }
  session.report({ type: "plan", app: name, steps });
  await removeOldPhases(engine, name);
  await removeImage(engine, failedSwarmTag(name));
  for (const release of abandonedReleases(swarmApp)) await removeSwarmRelease(engine, release);
  const env = deployEnv(name, described, files.appJson.env, context, session.report);
  const release = await deployToSwarm(session, {
    ...{ lock, app: { ...app, env }, plan, files, scale, phaseTimeout, keepReleases, isFirst, swarmApp },
    ...{ ...image, ...objects, replaced, publication, completePhase },
    number: nextSwarmNumber(swarmApp),
    force: (flags.force ?? false) || swarmApp.isUnfinished || Object.keys(choice).length > 0,
  });
  await updateSchedules(context, { ...session, app: name, flags });
  if (release && !flags.json) printText(context.terminal.stdout, release.image, (image) => `${image}\n`);
  return 0;
}

interface PublicationRequest {
  readonly input: DeployInput;
  readonly plan: readonly Step[];
  /** The image to deploy; undefined if it is built. */
  readonly imageId: string | undefined;
  /** The node of the engine. */
  readonly ownId: string;
  readonly findEngine: FindNodeEngine;
}

/** @throws OneoffError if a node cannot get the image. */
async function planPublication(
  session: DeploySession,
  { input: { name, flags, source }, plan, imageId, ownId, findEngine }: PublicationRequest,
): Promise<Publication> {
  const isRun = (wanted: string) => plan.some((step) => step.name === wanted && step.skipped === undefined);
  if (!isRun("schedule")) return { by: "load", nodes: [] };
  const isNew = imageId === undefined || isRun("predeploy");
  const reference = source.kind === "image" ? source.reference : undefined;
  const registry = await findRegistry(session, { push: flags.push, reference, isNew });
  if (registry) return registry;
  const image = isNew ? undefined : { id: imageId, name: reference ?? imageId };
  return { by: "load", nodes: await findPublishNodes(session.engine, ownId, findEngine, { app: name, image }) };
}
