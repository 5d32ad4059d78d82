import { noPreviousRelease, unknownRelease } from "../errors/deploy.ts";
import type { DeployApp } from "../release/release.ts";
import type { RecordedRelease } from "../release/release-labels.ts";
import { listReleases, previousRelease, setLatest } from "../release/releases.ts";
import type { DeployContext } from "./deploy-steps.ts";
import { markFinished } from "./recover-release.ts";
import { reportDeployed } from "./rollout/reachability.ts";
import { rollOut } from "./rollout/roll-out.ts";
import type { Scale } from "./rollout/scale.ts";

/**
 * Rolls back to an older release without running its phases, so changes to a database are not undone.
 * @param number `7` of `v7`; the previous live release by default.
 */
export async function rollBack(
  context: DeployContext,
  { app, scale, number }: { readonly app: DeployApp; readonly scale: Scale; readonly number: number | undefined },
): Promise<RecordedRelease> {
  const { engine } = context;
  const [previous, releases] = await Promise.all([previousRelease(engine, app.name), listReleases(engine, app.name)]);
  const release = chooseRelease(app.name, releases, number ?? previous?.number);
  const onLive = () => setLatest(engine, release);
  await rollOut(context, { app, release, scale, keepRunning: false, failedImage: release.image, onLive });
  await markFinished(engine, app.name);
  await reportDeployed(context, release);
  return release;
}

/** @param number undefined if neither an argument nor a previous release exists. */
export function chooseRelease<T extends Pick<RecordedRelease, "number">>(
  app: string,
  releases: readonly T[],
  number: number | undefined,
): T {
  if (number === undefined) throw noPreviousRelease(app);
  const release = releases.find((one) => one.number === number);
  if (release) return release;
  throw unknownRelease(
    app,
    number,
    releases.map((one) => one.number),
  );
}
