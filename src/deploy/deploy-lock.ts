import { emptyImage } from "../engine/images.ts";
import { deployInProgress } from "../errors/deploy.ts";
import { acquireHolderLock } from "../oneoff/locks/holder-lock.ts";
import type { HeldLock, LockContext } from "../oneoff/locks/lock.ts";
import type { OnConflict } from "../oneoff/spec/options.ts";

export interface DeployLock extends AsyncDisposable {
  /**
   * Removes images that this deploy does not need any more, if it still holds the lock: after `unlock --force` another
   * deploy may need them.
   */
  cleanUp(remove: () => Promise<void>): Promise<void>;
}

/**
 * Prevents concurrent deploys of an app by all clients of the engine, until disposed.
 * @throws OneoffError if another deploy of the app is in progress and `onConflict` is not to wait.
 */
export async function lockDeploys(context: LockContext, app: string, onConflict: OnConflict): Promise<DeployLock> {
  const image = await emptyImage(context.engine);
  const refusal = (since: number) => deployInProgress(app, since);
  const lock = await acquireHolderLock(context, { key: `deploy/${app}`, app, image, onConflict, refusal });
  return toDeployLock(lock);
}

export const toDeployLock = (lock: HeldLock | undefined): DeployLock => ({
  async cleanUp(remove) {
    try {
      if (await lock?.isHeld()) await remove();
    } catch {
      // The next deploy removes it.
    }
  },
  [Symbol.asyncDispose]: async () => await lock?.[Symbol.asyncDispose](),
});
