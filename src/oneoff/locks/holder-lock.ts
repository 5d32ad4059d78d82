import { createContainer } from "../../engine/containers.ts";
import { LABEL } from "../../identity/labels.ts";
import { uniqueName } from "../../identity/names.ts";
import { ownLabels } from "../../identity/ownership.ts";
import { startHeartbeat } from "../reaping/heartbeat.ts";
import { discardContainer } from "../session/container.ts";
import { acquireLock, type HeldLock, type LockContext, type LockRequest } from "./lock.ts";

/**
 * Acquires a lock for work that has no one-off, until disposed. The holder is a container that is never started. If
 * oneoff is killed, other clients detect that its process exited or that its heartbeat stopped.
 * @throws OneoffError if the lock is held and `onConflict` is not to wait.
 */
export async function acquireHolderLock(
  context: LockContext,
  { app, ...request }: Omit<LockRequest, "holder"> & { readonly app: string },
): Promise<HeldLock> {
  const { engine, report, owner } = context;
  const containerName = uniqueName(app, "deploy");
  const Labels = ownLabels(containerName, {
    [LABEL.kind]: "deploy",
    [LABEL.app]: app,
    [LABEL.name]: "deploy",
    [LABEL.owner]: owner.self,
    [LABEL.lock]: request.key,
  });
  const { Id: id } = await createContainer(engine, containerName, { Image: request.image, Cmd: ["-"], Labels });
  await using undo = new AsyncDisposableStack();
  undo.defer(() => discardContainer(engine, report, { id, name: "deploy", containerName: `the lock ${request.key}` }));
  undo.use(startHeartbeat(engine, { id, containerName }));
  const lock = await acquireLock(context, { ...request, holder: { id, name: "deploy", app } });
  if (lock) undo.use(lock);
  const held = undo.move();
  return {
    isHeld: async () => (await lock?.isHeld()) ?? false,
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}
