import { tagImage } from "../engine/image-tags.ts";
import { deployLost, stillLive } from "../errors/deploy.ts";
import { isConnectionLoss } from "../errors/engine.ts";
import { warning } from "../errors/error.ts";
import type { DeployApp } from "../release/release.ts";
import type { RecordedRelease } from "../release/release-labels.ts";
import { markPostdeployed, pruneReleases, recordRelease, setLatest } from "../release/releases.ts";
import { builtTag, cacheTag, failedTag } from "../release/tags.ts";
import { type Actions, type ExecuteContext, execute } from "./execute.ts";
import { type BuildContext, type BuildOptions, buildSource } from "./image/build-source.ts";
import type { Source } from "./image/source.ts";
import type { SourceFiles } from "./image/source-files.ts";
import { type PhaseContext, runPhase } from "./phases/phase.ts";
import type { Phase } from "./phases/phase-command.ts";
import type { Step } from "./plan.ts";
import { discardFailedRelease, discardRelease, markFinished, unfinishedTag } from "./recover-release.ts";
import { requestedFormation, rollOut } from "./rollout/roll-out.ts";
import type { Scale } from "./rollout/scale.ts";
import { removeTemporaryTags } from "./temporary-images.ts";
import { hasSameContent, runsAsPlanned } from "./unchanged.ts";

/** `signal` is aborted by what ends a program. */
export interface DeployContext extends Omit<BuildContext, "signal">, PhaseContext, ExecuteContext {}

/** All that a deploy is told. */
export interface DeployRequest {
  readonly app: DeployApp;
  readonly plan: readonly Step[];
  readonly number: number;
  readonly files: SourceFiles;
  /** What is built; undefined where the image is there. */
  readonly source: { readonly source: Source; readonly options: BuildOptions } | undefined;
  /** The image to deploy, or, with nothing to build, what there is of it. */
  readonly imageId: string | undefined;
  /** What is live now. */
  readonly current: RecordedRelease | undefined;
  readonly scale: Scale;
  /** Of each phase, in seconds; comes before what oneoff.yaml says. */
  readonly phaseTimeout: number | undefined;
  readonly keepReleases: number;
  /** Whether `scripts.postdeploy` has not succeeded in the app's life on this engine yet. */
  readonly isFirst: boolean;
  /** Whether to deploy also what is live already. */
  readonly force: boolean;
}

interface State {
  readonly imageId: string;
  /** What the image was before predeploy. */
  readonly base: string;
  readonly release: RecordedRelease | undefined;
}

/**
 * Does what is planned, unless it is live already. Whatever fails, what ran before runs on until something new has taken
 * its place; that is told, and what was made on the way is removed.
 * @returns the release that was scheduled; undefined where none was.
 */
export async function deploy(context: DeployContext, request: DeployRequest): Promise<RecordedRelease | undefined> {
  const { engine, report } = context;
  const { app, current, plan } = request;
  // What cannot run is not even built.
  if (plan.some(({ name, skipped }) => name === "schedule" && skipped === undefined)) {
    requestedFormation(app, request.files, request.scale);
  }
  let live = current?.number;
  try {
    return await runPlan(context, request, (release) => {
      live = release.number;
    });
  } catch (error) {
    report({ type: "deploy-failed", app: app.name, liveRelease: live, changed: live !== current?.number });
    throw isConnectionLoss(error) ? deployLost(app.name, error) : error;
  } finally {
    // What cannot be removed now is by the next.
    await removeTemporaryTags(engine, app.name).catch(() => {});
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
  const [build, ...rest] = plan;
  const built = await execute(context, build ? [build] : [], actions, { imageId, base: imageId, release: undefined });
  if (current && !request.force && (await isUnchanged(context, request, current, built.base))) {
    report({ type: "unchanged", app: app.name, release: current.number, image: current.image });
    return undefined;
  }
  const { release } = await execute(context, rest, actions, built);
  if (release) {
    await markFinished(context.engine, app.name);
    report({ type: "deployed", app: app.name, release: release.number, image: release.image });
  }
  return release;
}

async function isUnchanged({ engine }: DeployContext, request: DeployRequest, current: RecordedRelease, base: string) {
  const { app, files, scale, isFirst } = request;
  if (isFirst && files.appJson.scripts.firstPostdeploy !== undefined) return false;
  if (!hasSameContent(current, base, files)) return false;
  return await runsAsPlanned(engine, app, current, requestedFormation(app, current, scale));
}

function actionsOf(context: DeployContext, request: DeployRequest, onLive: OnLive): Actions<State> {
  const { engine, signal } = context;
  const { app, number, current, keepReleases } = request;
  const phase = async (name: Phase, { command = "" }: Step, image: string) => {
    const timeout = request.phaseTimeout ?? app.settings.phaseTimeouts?.[name];
    return await runPhase(context, { app, phase: name, command, release: number, timeout, image });
  };
  /** @returns what is live, in which it has run. */
  const afterwards = async (name: Phase, step: Step, state: State) => {
    const release = state.release ?? current;
    try {
      await phase(name, step, release?.imageId ?? state.imageId);
    } catch (error) {
      if (release) context.report(warning(stillLive(app.name, release.number, name)));
      throw error;
    }
    return release;
  };
  return {
    async build(state) {
      if (!request.source) return state;
      const { source, options } = request.source;
      // Tagged from its first moment: another app may have the same image, and be done with it just now.
      const tagged = { ...options, tag: builtTag(app.name) };
      const { image: imageId, builder } = await buildSource({ ...context, signal }, source, tagged);
      // The cache of other builders is the images that they have made.
      if (builder !== "buildkit") await tagImage(engine, imageId, cacheTag(app.name));
      return { ...state, imageId, base: imageId };
    },
    async predeploy(state, step) {
      const { imageId = state.imageId } = await phase("predeploy", step, state.imageId);
      return { ...state, imageId };
    },
    async release(state, step) {
      await phase("release", step, state.imageId);
      return state;
    },
    async schedule(state) {
      const release = await recordDeployed(context, request, state);
      let isLive = false;
      try {
        await rollOut(
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
      } catch (error) {
        // What cannot be forgotten now is by the next.
        if (!isLive) await (signal.aborted ? discardRelease : discardFailedRelease)(engine, release).catch(() => {});
        throw error;
      }
      await pruneReleases(engine, app.name, keepReleases);
      return { ...state, release };
    },
    async postdeploy(state, step) {
      await afterwards("postdeploy", step, state);
      await markFinished(engine, app.name);
      return state;
    },
    async "first-postdeploy"(state, step) {
      const release = await afterwards("first-postdeploy", step, state);
      if (!release) return state;
      // The image that it is now gets a successor, and keeps for good what tags it has then.
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
      procfile: files.procfile,
      appJson: files.appJson,
      ...(current?.postdeployedOn !== undefined && { postdeployedOn: current.postdeployedOn }),
    },
    unfinishedTag(app.name, number),
  );
