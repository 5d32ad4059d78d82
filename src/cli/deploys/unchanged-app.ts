import { buildBeforeLock, type UnlockedImage } from "../../deploy/build-before-lock.ts";
import type { BuildRequest } from "../../deploy/deploy-steps.ts";
import { neededImages } from "../../deploy/image/build-source.ts";
import type { SourceFiles } from "../../deploy/image/source-files.ts";
import { planDeploy } from "../../deploy/plan.ts";
import { findSettledApp, isStillSettled, type SettledApp } from "../../deploy/settled-app.ts";
import { isUnchanged } from "../../deploy/unchanged.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { findImage } from "../../engine/images.ts";
import { isRefusal } from "../../errors/engine.ts";
import { withProfiles } from "../../oneoff/apps/seccomp-profiles.ts";
import type { Event } from "../../output/events.ts";
import { isFirstDeploy } from "../../release/releases.ts";
import type { Context } from "../context.ts";
import { updateSchedules } from "../cron/after-deploy.ts";
import { installedSchedulers } from "../cron/installation.ts";
import { planEnv } from "./deploy-env.ts";
import type { DeployInput } from "./deploy-input.ts";
import type { DeploySession } from "./deploy-session.ts";
import { filesOfImage, openImage } from "./deploy-source.ts";
import { planned } from "./print-plan.ts";

/** What a deploy compares with the live release. */
interface Candidate {
  readonly settled: SettledApp;
  readonly files: SourceFiles;
  /** The image to deploy, if it exists. */
  readonly image?: ImageDetails;
  /** The image to deploy, if it has to be built. */
  readonly build?: BuildRequest;
  readonly warnings: readonly Event[];
}

/** An image that was built before the lock was acquired, and the files that were read with it. */
export interface EarlyBuild extends UnlockedImage {
  readonly files: SourceFiles;
}

/**
 * Ends a deploy if nothing has changed. It takes no lock, because it changes nothing: if there is anything to do, the
 * deploy reads everything again under its lock. Builds only if everything but the image is unchanged.
 * @returns the image, if it was built and there is something to do. @throws what a failed build throws.
 */
export async function findUnchanged(
  session: DeploySession,
  input: DeployInput,
  context: Context,
): Promise<"unchanged" | EarlyBuild | undefined> {
  const { flags, name, described, choice, source } = input;
  const { engine, report } = session;
  if (flags["dry-run"] || flags.force || Object.keys(choice).length > 0) return undefined;
  const candidate = await findCandidate(session, input, context);
  if (!candidate) return undefined;
  const { settled, files, image, build } = candidate;
  const { release, scale } = settled;
  const isFirst = await isFirstDeploy(engine, release);
  const warnings: Event[] = [];
  const { env, names } = planEnv(name, described, files.appJson.env, context, (event) => warnings.push(event));
  if (names.length > 0) return undefined;
  const app = { name, env, settings: described ? withProfiles(described, context) : {} };
  const known = { processes: settled.processes, ...(image && { image }) };
  const looked = isUnchanged(session, { app, files, scale, isFirst }, release, release.base, known);
  // A scheduler is a program, which runs while the engine answers.
  const installed = installedSchedulers(context, name);
  installed.catch(() => {});
  if (!(await looked.catch(ifRemoved))) return undefined;
  const plan = planDeploy({ source, ...files, isFirst, choice });
  for (const warning of candidate.warnings) report(warning);
  report({ type: "plan", app: name, steps: planned(plan) });
  for (const warning of warnings) report(warning);
  for (const { name: step, skipped: reason } of plan) {
    if (step === "build" && reason !== undefined) report({ type: "step-skipped", step, reason });
  }
  await using undo = new AsyncDisposableStack();
  if (build) {
    const request = { app: name, live: release.number, token: context.token().slice(0, 12) };
    const built = undo.use(await buildBeforeLock(session, build, request));
    // A build may last, and another deploy may have run meanwhile.
    if (built.id !== release.base || !(await isStillSettled(engine, name, settled))) {
      undo.move();
      return { ...built, files };
    }
  }
  report({ type: "unchanged", app: name, release: release.number, image: release.image });
  await updateSchedules(context, { ...session, app: name, flags, release, installed });
  return "unchanged";
}

/** @returns undefined if the image differs from the live release, or if something must be recovered first. */
async function findCandidate(
  session: DeploySession,
  { flags, name, described, source, paths }: DeployInput,
  context: Context,
): Promise<Candidate | undefined> {
  const { engine } = session;
  if (source.kind === "image") {
    const image = await findImage(engine, source.reference);
    const settled = image && (await findSettledApp(engine, name));
    if (!settled || settled.release.base !== image.Id) return undefined;
    const files = await filesOfImage(session, context, { app: name, image, paths });
    return { settled, files, image, warnings: [] };
  }
  if (source.kind !== "build" || flags["no-cache"]) return undefined;
  const warnings: Event[] = [];
  const collecting = { ...session, report: (event: Event) => void warnings.push(event) };
  const opened = await openImage(collecting, { flags, source, paths, app: name, described }, context);
  if (!opened.source) return undefined;
  const { source: folder, options } = opened.source;
  const settled = await findSettledApp(engine, name, neededImages(folder, options));
  const build = settled && { source: folder, options: { ...options, present: settled.present } };
  return build && { settled, files: opened.files, build, warnings };
}

/** Without the lock, a process may be removed meanwhile: that is a change. */
function ifRemoved(error: unknown): false {
  if (isRefusal(error, 404)) return false;
  throw error;
}
