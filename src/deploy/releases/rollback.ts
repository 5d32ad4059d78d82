import { noOlderRelease, unknownRelease } from "../../errors.ts";
import type { DeployContext } from "../deploy.ts";
import type { Scale } from "../schedule/scale-text.ts";
import { schedule } from "../schedule/schedule.ts";
import type { DeployApp } from "./release.ts";
import type { RecordedRelease } from "./release-labels.ts";
import { currentRelease, listReleases, setLatest } from "./releases.ts";
import { markFinished } from "./unfinished.ts";

/**
 * Puts an older release in the place of what is live, without its phases: what they have done to a database stays done.
 * @param number `7` of `v7`; the newest that is older than what is live unless given.
 */
export async function rollBack(
  context: DeployContext,
  { app, scale, number }: { readonly app: DeployApp; readonly scale: Scale; readonly number: number | undefined },
): Promise<RecordedRelease> {
  const { engine, report } = context;
  const [current, releases] = await Promise.all([currentRelease(engine, app.name), listReleases(engine, app.name)]);
  const release = chooseRelease(app.name, releases, current, number);
  const onLive = () => setLatest(engine, release);
  await schedule(context, { app, release, scale, keepRunning: false, onLive });
  await markFinished(engine, app.name);
  report({ type: "deployed", app: app.name, release: release.number, image: release.image });
  return release;
}

/** @param releases the newest first. */
export function chooseRelease(
  app: string,
  releases: readonly RecordedRelease[],
  current: RecordedRelease | undefined,
  number: number | undefined,
): RecordedRelease {
  const release = releases.find((one) =>
    number === undefined ? one.number < (current?.number ?? 0) : one.number === number,
  );
  if (release) return release;
  if (number === undefined) throw noOlderRelease(app);
  throw unknownRelease(
    app,
    number,
    releases.map((one) => one.number),
  );
}
