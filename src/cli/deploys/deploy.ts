import { abandonOnSignals } from "../../deploy/abandon.ts";
import { deploy } from "../../deploy/deploy.ts";
import { removeOldPhases } from "../../deploy/phases/old-phases.ts";
import { planDeploy } from "../../deploy/plan.ts";
import { recoverRelease } from "../../deploy/recover-release.ts";
import { readScale } from "../../deploy/rollout/scale.ts";
import { removeTemporaryTags } from "../../deploy/temporary-images.ts";
import { removeImage } from "../../engine/image-tags.ts";
import { pushNeedsSwarm } from "../../errors/swarm-deploy.ts";
import { withProfiles } from "../../oneoff/apps/seccomp-profiles.ts";
import { reapInPassing } from "../../oneoff/reaping/reap.ts";
import { requireNoService } from "../../oneoff/swarm/services/find-service.ts";
import type { Report } from "../../output/events.ts";
import { printText } from "../../output/print.ts";
import { currentRelease, isFirstDeploy, nextNumber } from "../../release/releases.ts";
import { command } from "../command.ts";
import type { Context } from "../context.ts";
import { updateSchedules } from "../cron/after-deploy.ts";
import { deployEnv } from "./deploy-env.ts";
import { type DeployInput, readDeployInput } from "./deploy-input.ts";
import { type DeployFlags, deployOptions } from "./deploy-options.ts";
import { openDeploySession } from "./deploy-session.ts";
import { openImage } from "./deploy-source.ts";
import { planned, printPlan } from "./print-plan.ts";
import { findUnchanged } from "./unchanged-app.ts";

export const deployCommand = command({
  options: deployOptions,
  topic: "deploy",
  usage: "oneoff deploy [options] [app] [folder]",
  completions: ["app", "folder"],
  describe: "Build an app, run its phases and roll out the release",
  examples: [
    ["oneoff deploy my-app .", "build the Dockerfile in this folder"],
    ["oneoff deploy --dry-run my-app", "print the steps, and why some are skipped"],
    ["oneoff deploy --archive app.tar.gz my-app", "deploy an archive from docker save"],
  ],
  most: 2,
  handle: (flags, args, context) => abandonOnSignals(context.terminal, () => handle(flags, args, context)),
});

async function handle(flags: DeployFlags, args: readonly string[], context: Context): Promise<number> {
  const input = await readDeployInput(flags, args, context);
  if (!(flags.swarm ?? input.described?.swarm)) return await deployToEngine(input, context);
  const { deployApp } = await import("./deploy-swarm.ts");
  return await deployApp(input, context);
}

async function deployToEngine(input: DeployInput, context: Context): Promise<number> {
  const { flags, name, described, choice, phaseTimeout, keepReleases, source, paths } = input;
  if (flags.push !== undefined) throw pushNeedsSwarm();

  await using session = openDeploySession(context, name, flags);
  const changed = await findUnchanged(session, input, context);
  if (changed === "unchanged") return 0;
  await using built = changed;
  if (!flags["dry-run"]) await requireNoService(session.engine, name);
  await using lock = flags["dry-run"] ? undefined : await session.lock(flags.wait ?? false);
  const prepare = async () => {
    // A failed release has a number too, so the next number is determined before it is removed.
    const [number, scale] = await Promise.all([nextNumber(session.engine, name), readScale(session.engine, name)]);
    return { number, scale, used: await removeOldPhases(session.engine, name) };
  };
  // The image of an archive, or one that is built already, gets a tag that an earlier one may still have.
  const prepared = source.kind === "archive" || built ? await prepare() : undefined;
  // If the deploy fails before it starts, the image of an archive is removed.
  await using loaded = new AsyncDisposableStack();
  if (source.kind === "archive") loaded.defer(() => lock?.cleanUp(() => removeTemporaryTags(session.engine, name)));
  const early = built && (await built.adopt()) ? built : undefined;
  const image = early
    ? { source: undefined, imageId: early.id, files: early.files }
    : await openImage(session, { flags, source, paths, app: name, described }, context);
  if (!lock) {
    await requireNoService(session.engine, name);
    const current = await currentRelease(session.engine, name);
    const dry = planDeploy({ source, ...image.files, isFirst: await isFirstDeploy(session.engine, current), choice });
    if (flags.json) session.report({ type: "plan", app: name, steps: planned(dry) });
    else printText(context.terminal.stdout, planned(dry), printPlan);
    return 0;
  }
  const { number, scale, used } = prepared ?? (await prepare());
  const { current, isUnfinished } = await recoverRelease(session, name);
  const isFirst = await isFirstDeploy(session.engine, current);
  const plan = planDeploy({ source, ...image.files, isFirst, choice });
  if (!early) session.report({ type: "plan", app: name, steps: planned(plan) });
  const journal = context.openJournal(session.engine);
  void reapInPassing({ engine: session.engine, journal }, context.owner);
  // The warnings and the plan were reported before the build.
  const report: Report = (event) => (early && event.type === "warning" ? undefined : session.report(event));
  const env = deployEnv(name, described, image.files.appJson.env, context, report);
  const release = await deploy(session, {
    lock,
    app: { name, env, settings: described ? withProfiles(described, context) : {} },
    plan: early ? plan.filter(({ name }) => name !== "build") : plan,
    number,
    files: image.files,
    source: image.source,
    imageId: image.imageId,
    current,
    scale,
    phaseTimeout,
    keepReleases,
    isFirst,
    force: (flags.force ?? false) || isUnfinished || Object.keys(choice).length > 0,
  });
  // The rollout has removed the containers of an earlier one.
  for (const tag of used) await removeImage(session.engine, tag);
  await updateSchedules(context, { ...session, app: name, flags, release: release ?? current });
  if (release && !flags.json) printText(context.terminal.stdout, release.image, (image) => `${image}\n`);
  return 0;
}
