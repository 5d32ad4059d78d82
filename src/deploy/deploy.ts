import type { RecordedRelease } from "../release/release-labels.ts";
import { markPostdeployed, pruneReleases, recordRelease, setLatest } from "../release/releases.ts";
import { failedTag, unfinishedTag } from "../release/tags.ts";
import type { DeployLock } from "./deploy-lock.ts";
import {
  type BuildRequest,
  commonSteps,
  type DeployContext,
  reportDeployFailed,
  type StepState,
} from "./deploy-steps.ts";
import { type Actions, execute } from "./execute.ts";
import { noteStarted } from "./known-processes.ts";
import type { Step } from "./plan.ts";
import { discardFailedRelease, discardRelease, markFinished } from "./recover-release.ts";
import { reportDeployed } from "./rollout/reachability.ts";
import { requestedFormation, rollOut } from "./rollout/roll-out.ts";
import { removeTemporaryTags } from "./temporary-images.ts";
import { isUnchanged, type UnchangedRequest } from "./unchanged.ts";

export interface DeployRequest extends UnchangedRequest {
  readonly lock: Pick<DeployLock, "cleanUp">;
  /** Without its build, if the image was built before. */
  readonly plan: readonly Step[];
  readonly number: number;
  /** Undefined if an existing image is deployed. */
  readonly source: BuildRequest | undefined;
  /** The image to deploy; undefined if it is built. */
  readonly imageId: string | undefined;
  /** The live release. */
  readonly current: RecordedRelease | undefined;
  /** Timeout of each phase in seconds; takes precedence over oneoff.yaml. */
  readonly phaseTimeout: number | undefined;
  readonly keepReleases: number;
  /** Whether to deploy even without changes. */
  readonly force: boolean;
}

type State = StepState<RecordedRelease>;

/**
 * Runs the steps of the plan, unless the live release has no changes. After a failure the live release keeps running,
 * and temporary images are removed.
 * @returns the new release; undefined if none was started.
 */
export async function deploy(context: DeployContext, request: DeployRequest): Promise<RecordedRelease | undefined> {
  const { engine, report } = context;
  const { app, current, lock, plan } = request;
  // Reports an invalid formation before the build.
  if (plan.some(({ name, skipped }) => name === "schedule" && skipped === undefined)) {
    requestedFormation(app, request.files, request.scale);
  }
  let live = current?.number;
  try {
    return await runPlan(context, request, (release) => {
      live = release.number;
    });
  } catch (error) {
    throw reportDeployFailed(report, app.name, { live, before: current?.number }, error);
  } finally {
    await lock.cleanUp(() => removeTemporaryTags(engine, app.name));
  }
}

type OnLive = (release: RecordedRelease) => void;

async function runPlan(
  context: DeployContext,
  request: DeployRequest,
  onLive: OnLive,
): Promise<RecordedRelease | undefined> {
  const { report } = context;
  const { app, imageId = "", current, plan } = request;
  const actions = actionsOf(context, request, onLive);
  const [builds, rest] = [plan.filter(isBuild), plan.filter((step) => !isBuild(step))];
  const built = await execute(context, builds, actions, { imageId, base: imageId, release: undefined });
  if (current && !request.force && (await isUnchanged(context, request, current, built.base))) {
    report({ type: "unchanged", app: app.name, release: current.number, image: current.image });
    return undefined;
  }
  const { release } = await execute(context, rest, actions, built);
  if (release) {
    await markFinished(context.engine, app.name);
    await reportDeployed(context, release);
  }
  return release;
}

const isBuild = ({ name }: Step) => name === "build";

function actionsOf(context: DeployContext, request: DeployRequest, onLive: OnLive): Actions<State> {
  const { engine, signal } = context;
  const { app, keepReleases } = request;
  const { runLatePhase, ...steps } = commonSteps(context, request);
  return {
    ...steps,
    async schedule(state) {
      const release = await recordDeployed(context, request, state);
      let isLive = false;
      try {
        const started = await rollOut(
          { ...context, signal },
          {
            ...{ app, release, scale: request.scale, keepRunning: false, failedImage: failedTag(app.name) },
            async onLive() {
              isLive = true;
              onLive(release);
              await setLatest(engine, release);
            },
          },
        );
        noteStarted(context.cache, app, release, started);
      } catch (error) {
        const discard = signal.aborted ? discardRelease : discardFailedRelease;
        if (!isLive) await request.lock.cleanUp(() => discard(engine, release));
        throw error;
      }
      await pruneReleases(engine, app.name, keepReleases);
      return { ...state, release };
    },
    async postdeploy(state, step) {
      await runLatePhase("postdeploy", step, state);
      await markFinished(engine, app.name);
      return state;
    },
    async "first-postdeploy"(state, step) {
      const release = await runLatePhase("first-postdeploy", step, state);
      if (!release) return state;
      // Before the release is relabelled: the old image keeps its tags for as long as processes use it.
      await markFinished(engine, app.name);
      return { ...state, release: await markPostdeployed(engine, release) };
    },
  };
}

const recordDeployed = ({ engine }: DeployContext, { app, number, files, current }: DeployRequest, state: State) =>
  recordRelease(
    engine,
    {
      app: app.name,
      number,
      imageId: state.imageId,
      base: state.base,
      created: new Date(engine.clock.now() * 1000).toISOString(),
      ...{ procfile: files.procfile, appJson: files.appJson },
      ...(current?.postdeployedOn !== undefined && { postdeployedOn: current.postdeployedOn }),
    },
    unfinishedTag(app.name, number),
  );
