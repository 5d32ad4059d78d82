import { removeImage, tagImage } from "../engine/image-tags.ts";
import { isRefusal } from "../errors/engine.ts";
import { builtTag, cacheTag, unlockedTag } from "../release/tags.ts";
import { type BuildRequest, type DeployContext, reportDeployFailed } from "./deploy-steps.ts";
import { runTimedStep } from "./execute.ts";
import { buildSource } from "./image/build-source.ts";

/** An image that was built without the deploy lock. Its tag is removed when disposed. */
export interface UnlockedImage extends AsyncDisposable {
  readonly id: string;
  /** Replaces the tag by the tags of a build under the lock. @returns false if the image was removed meanwhile. */
  adopt(): Promise<boolean>;
}

interface UnlockedBuild {
  readonly app: string;
  /** The number of the live release. */
  readonly live: number;
  /** Distinguishes deploys of the app that build at the same time. */
  readonly token: string;
}

/** Runs the build of a deploy before its lock is acquired. @throws what the build under the lock throws. */
export async function buildBeforeLock(
  context: DeployContext,
  { source, options }: BuildRequest,
  { app, live, token }: UnlockedBuild,
): Promise<UnlockedImage> {
  const { engine, report, signal } = context;
  const tag = unlockedTag(app, engine.clock.now(), token);
  await using undo = new AsyncDisposableStack();
  // If it fails, a later deploy removes the tag under its lock.
  undo.defer(() => removeImage(engine, tag).then(noop, noop));
  try {
    signal.throwIfAborted();
    const { image, builder } = await runTimedStep(context, "build", undefined, () =>
      buildSource(context, source, { ...options, tag }),
    );
    const built = undo.move();
    return {
      id: image,
      async adopt() {
        try {
          await tagImage(engine, image, builtTag(app));
          if (builder !== "buildkit") await tagImage(engine, image, cacheTag(app));
          await built.disposeAsync();
          return true;
        } catch (error) {
          if (isRefusal(error, 404)) return false;
          throw error;
        }
      },
      [Symbol.asyncDispose]: () => built.disposeAsync(),
    };
  } catch (error) {
    throw reportDeployFailed(report, app, { live, before: live }, error);
  }
}

const noop = () => {};
