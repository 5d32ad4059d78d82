import { planDeploy } from "../../deploy/plan.ts";
import { findSettledApp } from "../../deploy/settled-app.ts";
import { isUnchanged } from "../../deploy/unchanged.ts";
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
import { filesOfImage } from "./deploy-source.ts";
import { planned } from "./print-plan.ts";

/**
 * Ends the deploy of an existing image if nothing has changed. It takes no lock, because it changes nothing: if there is
 * anything to do, the deploy reads everything again under its lock.
 * @returns whether the live release is unchanged.
 */
export async function reportUnchanged(session: DeploySession, input: DeployInput, context: Context): Promise<boolean> {
  const { flags, name, described, choice, source, paths } = input;
  const { engine } = session;
  if (source.kind !== "image" || flags["dry-run"] || flags.force || Object.keys(choice).length > 0) return false;
  const image = await findImage(engine, source.reference);
  const settled = image && (await findSettledApp(engine, name));
  if (!settled || settled.release.base !== image.Id) return false;
  const { release, scale, processes } = settled;
  const files = await filesOfImage(session, context, { app: name, image, paths });
  const isFirst = await isFirstDeploy(engine, release);
  const warnings: Event[] = [];
  const { env, names } = planEnv(name, described, files.appJson.env, context, (event) => warnings.push(event));
  if (names.length > 0) return false;
  const app = { name, env, settings: described ? withProfiles(described, context) : {} };
  const looked = isUnchanged(engine, { app, files, scale, isFirst }, release, image.Id, { processes, image });
  // A scheduler is a program, which runs while the engine answers.
  const installed = installedSchedulers(context, name);
  installed.catch(() => {});
  if (!(await looked.catch(ifRemoved))) return false;
  const plan = planDeploy({ source, ...files, isFirst, choice });
  session.report({ type: "plan", app: name, steps: planned(plan) });
  for (const warning of warnings) session.report(warning);
  for (const { name: step, skipped: reason = "" } of plan) {
    if (step === "build") session.report({ type: "step-skipped", step, reason });
  }
  session.report({ type: "unchanged", app: name, release: release.number, image: release.image });
  await updateSchedules(context, { ...session, app: name, flags, release, installed });
  return true;
}

/** Without the lock, a process may be removed meanwhile: that is a change. */
function ifRemoved(error: unknown): false {
  if (isRefusal(error, 404)) return false;
  throw error;
}
