import { createContainer } from "../engine/containers.ts";
import { emptyImage } from "../engine/images.ts";
import { deployInProgress } from "../errors/deploy.ts";
import { LABEL } from "../identity/labels.ts";
import { uniqueName } from "../identity/names.ts";
import { ownLabels } from "../identity/ownership.ts";
import { acquireLock, type LockContext } from "../oneoff/locks/lock.ts";
import { startHeartbeat } from "../oneoff/reaping/heartbeat.ts";
import { discardContainer } from "../oneoff/session/container.ts";
import type { OnConflict } from "../oneoff/spec/options.ts";

export interface DeployLock extends AsyncDisposable {
  /**
   * Removes images that this deploy does not need any more, if it still holds the lock: after `unlock --force` another
   * deploy may need them.
   */
  cleanUp(remove: () => Promise<void>): Promise<void>;
}

/**
 * Prevents concurrent deploys of an app by all clients of the engine, until disposed. The holder of the lock is a
 * container that is never started. If oneoff is killed, other clients detect that its process exited or that its
 * heartbeat stopped.
 * @throws OneoffError if another deploy of the app is in progress and `onConflict` is not to wait.
 */
export async function lockDeploys(context: LockContext, app: string, onConflict: OnConflict): Promise<DeployLock> {
  const { engine, report, owner } = context;
  const image = await emptyImage(engine);
  const key = `deploy/${app}`;
  const containerName = uniqueName(app, "deploy");
  const Labels = ownLabels(containerName, {
    [LABEL.kind]: "deploy",
    [LABEL.app]: app,
    [LABEL.name]: "deploy",
    [LABEL.owner]: owner.self,
    [LABEL.lock]: key,
  });
  const { Id: id } = await createContainer(engine, containerName, { Image: image, Cmd: ["-"], Labels });
  const holder = { id, name: "deploy", app };
  await using undo = new AsyncDisposableStack();
  undo.defer(() =>
    discardContainer(engine, report, { id, name: "deploy", containerName: `the deploy lock of ${app}` }),
  );
  undo.use(startHeartbeat(engine, { id, containerName }));
  const lock = await acquireLock(context, {
    ...{ key, onConflict, holder, image },
    refusal: (since) => deployInProgress(app, since),
  });
  if (lock) undo.use(lock);
  const held = undo.move();
  return {
    cleanUp: async (remove) => {
      try {
        if (await lock?.isHeld()) await remove();
      } catch {
        // The next deploy removes it.
      }
    },
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}
