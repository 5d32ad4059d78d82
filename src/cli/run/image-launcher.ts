import type { App } from "../../app/app.ts";
import { launcherOfImage } from "../../app/buildpacks.ts";
import type { ImageDetails } from "../../engine/image-types.ts";
import { inspectImage } from "../../engine/images.ts";
import { isRefusal } from "../../errors/engine.ts";
import { OneoffError } from "../../errors/error.ts";
import type { Resolved } from "../../oneoff/apps/resolved-app.ts";
import { type PullContext, pull } from "../../oneoff/pull.ts";
import { SignalForwarder } from "../../oneoff/session/signal-forwarder.ts";
import type { RunOptions } from "../../oneoff/spec/options.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import type { RunSettings } from "./run-settings.ts";

/** Properties of an app that is known only by its image. */
const BY_NAME: readonly App["from"][] = ["--image", "oneoff.yaml", "image"];

/**
 * Adds the launcher of the image, if neither a container nor a release has it: for `--image`, or an image of
 * oneoff.yaml that was never deployed. With --pull, the image is pulled first: its Procfile is needed before the create.
 * @param isPrinted whether the request is only printed, so that no engine is needed.
 * @returns the app, and the image if it was inspected.
 */
export async function withLauncher(
  context: PullContext & { readonly terminal: Terminal },
  { app, copy }: Resolved,
  { entrypoint = app.settings.entrypoint, container }: Pick<RunOptions, "entrypoint" | "container">,
  { isPrinted, pull: when }: { readonly isPrinted: boolean; readonly pull: RunSettings["pull"] },
): Promise<{ readonly app: App; readonly image?: ImageDetails; readonly isPulled?: true }> {
  const isKnown = copy !== undefined || app.launcher !== undefined || entrypoint !== undefined;
  if (isKnown || !BY_NAME.includes(app.from)) return { app };
  const { engine } = context;
  const { platform } = { ...app.settings.run?.container, ...container };
  const inspected = async () => {
    const image = await inspectImage(engine, app.image);
    return { app: { ...app, launcher: launcherOfImage(image.Config ?? {}) }, image };
  };
  const pulled = async () => {
    using signals = new SignalForwarder(context);
    await pull({ ...context, interrupted: signals.interrupted }, app.image, platform);
    return { ...(await inspected()), isPulled: true as const };
  };
  try {
    if (when === "always" && !isPrinted) return await pulled();
    return await inspected();
  } catch (error) {
    if (isRefusal(error, 404) && when === "missing" && !isPrinted) return await pulled();
    // Creating the one-off reports the missing image.
    if (isRefusal(error, 404) || (isPrinted && error instanceof OneoffError)) return { app };
    throw error;
  }
}
