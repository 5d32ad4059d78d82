import { hasImage } from "../../engine/images.ts";
import { type RecordedSwarmRelease, updateSwarmRelease } from "../../release/swarm-releases.ts";
import { commonSteps, type DeployContext, reportDeployFailed, type StepState } from "../deploy-steps.ts";
import { type Actions, execute } from "../execute.ts";
import type { Step } from "../plan.ts";
import { removeTemporaryTags } from "../temporary-images.ts";
import { hasSameContent } from "../unchanged.ts";
import { publishImage } from "./publish-image.ts";
import { enginesOf, pushName, removeOldImages } from "./remove-images.ts";
import { type PublishedImage, planRelease, type SwarmDeployRequest, scheduleServices } from "./schedule-services.ts";
import { serviceEndpoint } from "./service-endpoint.ts";
import { swarmFormation } from "./swarm-formation.ts";
import { runsAsRecorded } from "./unchanged-services.ts";

type State = PublishedImage & StepState<RecordedSwarmRelease>;

/**
 * Runs the steps of the plan for an app on a Swarm, unless the live release has no changes. After a failure the live
 * release keeps running, and temporary images are removed.
 * @returns the new release; undefined if none was started.
 */
export async function deployToSwarm(
  context: DeployContext,
  request: SwarmDeployRequest,
): Promise<RecordedSwarmRelease | undefined> {
  const { app, lock, files, scale, swarmApp, publication, number } = request;
  // Reports an invalid formation and ports before the build.
  for (const { type } of swarmFormation(app, files, scale)) serviceEndpoint(app, type);
  let live = swarmApp.current?.number;
  const sweep = () => {
    const earlier = [...swarmApp.releases, { number, pushedAs: pushName(publication, number) }];
    return removeOldImages(enginesOf(context.engine, publication), app.name, earlier);
  };
  // Before a name moves to another image, which would leave the old one without a name.
  await lock.cleanUp(sweep);
  try {
    return await runPlan(context, request, (release) => {
      live = release.number;
    });
  } catch (error) {
    throw reportDeployFailed(context.report, app.name, { live, before: swarmApp.current?.number }, error);
  } finally {
    await lock.cleanUp(async () => {
      await removeTemporaryTags(context.engine, app.name);
      await sweep();
    });
  }
}

async function runPlan(
  context: DeployContext,
  request: SwarmDeployRequest,
  onLive: (release: RecordedSwarmRelease) => void,
): Promise<RecordedSwarmRelease | undefined> {
  const { report } = context;
  const { app, imageId = "", plan, swarmApp } = request;
  const { current } = swarmApp;
  const actions = actionsOf(context, request, onLive);
  const isBefore = ({ name }: Step) => name === "build" || name === "predeploy";
  const [build, ...rest] = plan;
  const initial: State = { imageId, base: imageId, image: "", release: undefined };
  const built = await execute(context, build ? [build] : [], actions, initial);
  if (current && !request.force && (await isUnchanged(context, request, current, built.base))) {
    report({ type: "unchanged", app: app.name, release: current.number, image: current.image });
    return undefined;
  }
  const prepared = await execute(context, rest.filter(isBefore), actions, built);
  const isScheduled = rest.some(({ name, skipped }) => name === "schedule" && skipped === undefined);
  const image = isScheduled ? await publishImage(context, request.publication, imageOf(request, prepared)) : "";
  const later = rest.filter((step) => !isBefore(step));
  const { release } = await execute(context, later, actions, { ...prepared, image });
  if (!release) return undefined;
  const finished = await updateSwarmRelease(context.engine, release, { isUnfinished: false });
  report({ type: "deployed", app: app.name, release: release.number, image: release.image });
  return finished;
}

const imageOf = ({ app, number }: SwarmDeployRequest, { imageId }: State) => ({ app: app.name, number, imageId });

async function isUnchanged(
  context: DeployContext,
  request: SwarmDeployRequest,
  current: RecordedSwarmRelease,
  base: string,
): Promise<boolean> {
  const { files, swarmApp } = request;
  if (!current.isPostdeployed && files.appJson.scripts.firstPostdeploy !== undefined) return false;
  if (!hasSameContent(current, base, files)) return false;
  // Deployed through another manager, with a predeploy phase: this node does not have the image.
  if (!(await hasImage(context.engine, current.imageId))) return false;
  const plans = await planRelease(context, request, current.imageId, current);
  return runsAsRecorded(plans, current, swarmApp.services);
}

function actionsOf(
  context: DeployContext,
  request: SwarmDeployRequest,
  onLive: (release: RecordedSwarmRelease) => void,
): Actions<State> {
  const { engine } = context;
  const { swarmApp } = request;
  const { runLatePhase, ...steps } = commonSteps(context, { ...request, current: swarmApp.current });
  return {
    ...steps,
    async schedule(state) {
      return { ...state, release: await scheduleServices(context, request, state, onLive) };
    },
    async postdeploy(state, step) {
      await runLatePhase("postdeploy", step, state);
      return state;
    },
    async "first-postdeploy"(state, step) {
      const release = await runLatePhase("first-postdeploy", step, state);
      if (!release) return state;
      return { ...state, release: await updateSwarmRelease(engine, release, { isPostdeployed: true }) };
    },
  };
}
