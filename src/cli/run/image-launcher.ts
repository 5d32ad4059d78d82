import type { App } from "../../app/app.ts";
import { launcherOfImage } from "../../app/buildpacks.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { OneoffError } from "../../errors/error.ts";
import type { Resolved } from "../../oneoff/apps/resolve.ts";
import type { RunOptions } from "../../oneoff/spec/options.ts";

/** What an app is of that only an image's name tells. */
const BY_NAME: readonly App["from"][] = ["--image", "oneoff.yaml", "image"];

/**
 * The app with the launcher of its image, where no container and no release has told it: with `--image`, or an image of
 * oneoff.yaml that was never deployed.
 * @param isPrinted nothing is run, and no engine is needed.
 */
export async function withLauncher(
  engine: Transport,
  { app, copy }: Resolved,
  { entrypoint = app.settings.entrypoint }: Pick<RunOptions, "entrypoint">,
  isPrinted: boolean,
): Promise<App> {
  const isKnown = copy !== undefined || app.launcher !== undefined || entrypoint !== undefined;
  if (isKnown || !BY_NAME.includes(app.from)) return app;
  try {
    const { Config } = await inspectImage(engine, app.image);
    return { ...app, launcher: launcherOfImage(Config ?? {}) };
  } catch (error) {
    // To create the one-off will tell that the image is missing.
    if (isRefusal(error, 404) || (isPrinted && error instanceof OneoffError)) return app;
    throw error;
  }
}
