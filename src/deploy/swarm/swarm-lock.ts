import { setTimeout as pause } from "node:timers/promises";
import type { Transport } from "../../engine/transport.ts";
import { swarmDeployInProgress } from "../../errors/swarm-deploy.ts";
import type { Owner } from "../../oneoff/reaping/owner.ts";
import { acquireConfigLock, findConfigLock, releaseConfigLock } from "../../oneoff/swarm/config-lock.ts";
import type { Report } from "../../output/events.ts";
import type { DeployLock } from "../deploy-lock.ts";

export interface SwarmLockContext {
  readonly engine: Transport;
  readonly report: Report;
  readonly owner: Owner;
  /** `user@host`, for other clients. */
  readonly by: string;
  /** Its reason is thrown. */
  readonly signal: AbortSignal;
}

const RETRY_INTERVAL_MS = 500;

/**
 * Prevents concurrent deploys of an app by all clients of a Swarm, until disposed.
 * @throws OneoffError that names the holder if another deploy is in progress, unless `isWaiting`.
 */
export async function lockSwarmDeploys(
  { engine, report, owner, by, signal }: SwarmLockContext,
  app: string,
  isWaiting: boolean,
): Promise<DeployLock> {
  const request = { key: `deploy/${app}`, app, name: "deploy", owner: owner.self, by };
  let reportedId: string | undefined;
  let id = await acquireConfigLock(engine, request);
  while (id === undefined) {
    signal.throwIfAborted();
    const held = await findConfigLock(engine, request.key);
    const isStale = held !== undefined && owner.isAlive(held.owner) === false;
    if (held && isStale) await releaseConfigLock(engine, held.id);
    if (held && !isStale) {
      if (!isWaiting) throw swarmDeployInProgress(app, held.by, held.since);
      if (reportedId !== held.id) report({ type: "lock-waiting", key: request.key, name: held.name, app });
      reportedId = held.id;
      await pause(RETRY_INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
    id = await acquireConfigLock(engine, request);
  }
  const lockId = id;
  return {
    async cleanUp(remove) {
      try {
        if ((await findConfigLock(engine, request.key))?.id === lockId) await remove();
      } catch {
        // The next deploy removes it.
      }
    },
    async [Symbol.asyncDispose]() {
      // A lock that cannot be released now is taken over later: its holder has exited.
      await releaseConfigLock(engine, lockId).catch(() => {});
    },
  };
}
