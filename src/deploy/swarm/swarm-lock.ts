import { addAbortListener } from "node:events";
import type { Transport } from "../../engine/transport.ts";
import { swarmDeployInProgress } from "../../errors/swarm-deploy.ts";
import { acquireSwarmLock } from "../../oneoff/locks/swarm-lock.ts";
import type { Owner } from "../../oneoff/reaping/owner.ts";
import type { Report } from "../../output/events.ts";
import { type DeployLock, toDeployLock } from "../deploy-lock.ts";

export interface SwarmLockContext {
  readonly engine: Transport;
  readonly report: Report;
  readonly owner: Owner;
  /** `user@host`, for other clients. */
  readonly by: string;
  /** Its reason is thrown. */
  readonly signal: AbortSignal;
}

/**
 * Prevents concurrent deploys of an app by all clients of a Swarm, until disposed.
 * @throws OneoffError that names the holder if another deploy is in progress, unless `isWaiting`.
 */
export async function lockSwarmDeploys(
  { engine, report, owner, by, signal }: SwarmLockContext,
  app: string,
  isWaiting: boolean,
): Promise<DeployLock> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  using _listener = addAbortListener(signal, () => aborted.reject(signal.reason));
  const lock = await acquireSwarmLock(
    { engine, report, owner, interrupted: aborted.promise },
    {
      ...{ key: `deploy/${app}`, by, onConflict: isWaiting ? "wait" : "fail" },
      holder: { name: "deploy", app },
      refusal: (since, holder) => swarmDeployInProgress(app, holder, since),
    },
  );
  return toDeployLock(lock);
}
