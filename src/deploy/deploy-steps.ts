import { tagImage } from "../engine/image-tags.ts";
import { deployLost, phaseFailedWhileLive } from "../errors/deploy.ts";
import { isConnectionLoss } from "../errors/engine.ts";
import { warning } from "../errors/error.ts";
import type { Cache } from "../oneoff/apps/image-procfile.ts";
import type { Report } from "../output/events.ts";
import type { DeployApp } from "../release/release.ts";
import { builtTag, cacheTag } from "../release/tags.ts";
import type { ExecuteContext } from "./execute.ts";
import { type BuildContext, type BuildOptions, buildSource } from "./image/build-source.ts";
import type { Source } from "./image/source.ts";
import { type CompletePhase, type PhaseContext, runPhase } from "./phases/phase.ts";
import type { Step } from "./plan.ts";
import type { Phase } from "./step-names.ts";

/** `signal` is aborted by a fatal signal. */
export interface DeployContext extends Omit<BuildContext, "signal">, PhaseContext, ExecuteContext {
  readonly cache: Cache;
}

export interface BuildRequest {
  readonly source: Source;
  readonly options: BuildOptions;
}

/** @returns the image's ID; undefined if an existing image is deployed. */
async function buildImage(
  context: DeployContext,
  app: string,
  request: BuildRequest | undefined,
): Promise<string | undefined> {
  if (!request) return undefined;
  const { engine, signal } = context;
  // Tagged by the build itself: a deploy of another app with the same image might remove it at this moment.
  const options = { ...request.options, tag: builtTag(app) };
  const { image, builder } = await buildSource({ ...context, signal }, request.source, options);
  // Other builders than BuildKit use their images as a build cache.
  if (builder !== "buildkit") await tagImage(engine, image, cacheTag(app));
  return image;
}

/** Reports that a deploy failed. @param before the live release before the deploy. @returns the error to throw. */
export function reportDeployFailed(
  report: Report,
  app: string,
  { live, before }: { readonly live: number | undefined; readonly before: number | undefined },
  error: unknown,
): unknown {
  report({ type: "deploy-failed", app, liveRelease: live, changed: live !== before });
  return isConnectionLoss(error) ? deployLost(app, error) : error;
}

interface PhasesRequest {
  readonly app: DeployApp;
  /** The number of the new release. */
  readonly number: number;
  /** Timeout of each phase in seconds; takes precedence over oneoff.yaml. */
  readonly phaseTimeout: number | undefined;
  readonly completePhase?: CompletePhase | undefined;
}

/** What the steps of a deploy change. */
export interface StepState<Release> {
  readonly imageId: string;
  /** Image ID before predeploy. */
  readonly base: string;
  readonly release: Release | undefined;
}

export interface StepsRequest<Release> extends PhasesRequest {
  /** Undefined if an existing image is deployed. */
  readonly source: BuildRequest | undefined;
  /** The live release. */
  readonly current: Release | undefined;
}

/** The steps that are the same on one engine and on a Swarm. */
export function commonSteps<Release extends { readonly number: number; readonly imageId: string }>(
  context: DeployContext,
  request: StepsRequest<Release>,
) {
  const { app, number, phaseTimeout, completePhase, current } = request;
  const runStepPhase = (phase: Phase, { command = "" }: Step, image: string) => {
    const timeout = phaseTimeout ?? app.settings.phaseTimeouts?.[phase];
    return runPhase(context, { app, phase, command, release: number, timeout, image, completePhase });
  };
  return {
    async build<State extends StepState<Release>>(state: State): Promise<State> {
      const imageId = await buildImage(context, app.name, request.source);
      return imageId === undefined ? state : { ...state, imageId, base: imageId };
    },
    async predeploy<State extends StepState<Release>>(state: State, step: Step): Promise<State> {
      const { imageId = state.imageId } = await runStepPhase("predeploy", step, state.imageId);
      return { ...state, imageId };
    },
    async release<State extends StepState<Release>>(state: State, step: Step): Promise<State> {
      await runStepPhase("release", step, state.imageId);
      return state;
    },
    /** Runs a phase that follows the rollout. @returns the live release. */
    async runLatePhase(phase: Phase, step: Step, state: StepState<Release>): Promise<Release | undefined> {
      const release = state.release ?? current;
      try {
        await runStepPhase(phase, step, release?.imageId ?? state.imageId);
      } catch (error) {
        if (release) context.report(warning(phaseFailedWhileLive(app.name, release.number, phase)));
        throw error;
      }
      return release;
    },
  };
}
