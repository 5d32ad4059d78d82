import type { App } from "../../app/app.ts";
import { launcherOfImage } from "../../app/buildpacks.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { inspectImage } from "../../engine/images.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { OneoffError } from "../../errors/error.ts";
import type { Resolved } from "../../oneoff/apps/resolved-app.ts";
import type { RunOptions } from "../../oneoff/spec/options.ts";

/** Properties of an app that is known only by its image. */
const BY_NAME: readonly App["from"][] = ["--image", "oneoff.yaml", "image"];

/**
 * Adds the launcher of the image, if neither a container nor a release has it: for `--image`, or an image of
 * oneoff.yaml that was never deployed.
 * @param isPrinted whether the request is only printed, so that no engine is needed.
 * @returns the app, and the image if it was inspected.
 */
export async function withLauncher(
  engine: Transport,
  { app, copy }: Resolved,
  { entrypoint = app.settings.entrypoint }: Pick<RunOptions, "entrypoint">,
  isPrinted: boolean,
): Promise<{ readonly app: App; readonly image?: ImageDetails }> {
  const isKnown = copy !== undefined || app.launcher !== undefined || entrypoint !== undefined;
  if (isKnown || !BY_NAME.includes(app.from)) return { app };
  try {
    const image = await inspectImage(engine, app.image);
    return { app: { ...app, launcher: launcherOfImage(image.Config ?? {}) }, image };
  } catch (error) {
    // Creating the one-off reports the missing image.
    if (isRefusal(error, 404) || (isPrinted && error instanceof OneoffError)) return { app };
    throw error;
  }
}
