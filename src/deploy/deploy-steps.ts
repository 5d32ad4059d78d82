import { tagImage } from "../engine/image-tags.ts";
import type { DeployApp } from "../release/release.ts";
import { builtTag, cacheTag } from "../release/tags.ts";
import type { ExecuteContext } from "./execute.ts";
import { type BuildContext, type BuildOptions, buildSource } from "./image/build-source.ts";
import type { Source } from "./image/source.ts";
import { type CompletePhase, type PhaseContext, runPhase } from "./phases/phase.ts";
import type { Phase } from "./phases/phase-command.ts";
import type { Step } from "./plan.ts";

/** `signal` is aborted by a fatal signal. */
export interface DeployContext extends Omit<BuildContext, "signal">, PhaseContext, ExecuteContext {}

export interface BuildRequest {
  readonly source: Source;
  readonly options: BuildOptions;
}

/** Builds the image of a deploy. @returns its ID; undefined if an existing image is deployed. */
export async function buildImage(
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

export interface PhasesRequest {
  readonly app: DeployApp;
  /** The number of the new release. */
  readonly number: number;
  /** Timeout of each phase in seconds; takes precedence over oneoff.yaml. */
  readonly phaseTimeout: number | undefined;
  readonly completePhase?: CompletePhase | undefined;
}

/** Runs the phase of a step. @returns after predeploy, the image with its changes. */
export const runStepPhase = (
  context: DeployContext,
  { app, number, phaseTimeout, completePhase }: PhasesRequest,
  phase: Phase,
  { command = "" }: Step,
  image: string,
) => {
  const timeout = phaseTimeout ?? app.settings.phaseTimeouts?.[phase];
  return runPhase(context, { app, phase, command, release: number, timeout, image, completePhase });
};
