import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { isOwn, labelOf } from "../../identity/ownership.ts";
import { lastHeartbeat } from "./heartbeat.ts";
import type { Owner } from "./owner.ts";

/** Decides whether a container is still needed. */
export interface Clock {
  /** Seconds since 1970 by the engine's clock. */
  readonly now: number;
  readonly isAlive: Owner["isAlive"];
}

/** Call it after the containers are listed: the response sets the engine's clock. */
export const clockOf = (engine: Transport, { isAlive }: Pick<Owner, "isAlive">): Clock => ({
  now: engine.clock.passed(),
  isAlive,
});

/** How long a container may wait for its start if its owner is unknown or silent. */
export const SILENT_OWNER_TIMEOUT_S = 3600;

export function isOwnerAlive({ Labels }: ContainerSummary, { isAlive }: Clock): boolean | undefined {
  const owner = labelOf(Labels, LABEL.owner);
  return owner === undefined ? undefined : isAlive(owner);
}

/** Whether a created container will never be started. */
export function isAbandoned(container: ContainerSummary, clock: Clock): boolean {
  if (container.State !== "created") return false;
  const alive = isOwnerAlive(container, clock);
  // A one-off may wait for a lock for hours.
  const waits = container.Labels[LABEL.kind] === "run" && labelOf(container.Labels, LABEL.lock) !== undefined;
  return alive === undefined ? !waits && clock.now - lastHeartbeat(container) > SILENT_OWNER_TIMEOUT_S : !alive;
}

/** The container that holds a lock: oneoff created it to request this lock. */
export const findHolder = (lock: ContainerSummary, containers: readonly ContainerSummary[]) =>
  containers.find(
    (container) =>
      container.Id === lock.Labels[LABEL.holder] &&
      isOwn(container) &&
      container.Labels[LABEL.lock] === lock.Labels[LABEL.lock],
  );

/**
 * Whether a lock is no longer held: its holder was removed, has exited, or will never be started.
 * @param holder undefined if its container was removed.
 */
export function isStale(lock: ContainerSummary, holder: ContainerSummary | undefined, clock: Clock): boolean {
  if (!holder || ["exited", "dead", "removing"].includes(holder.State)) return true;
  if (holder.State !== "created") return false;
  const alive = isOwnerAlive(holder, clock);
  // The holder starts as soon as it has the lock, however long it has waited.
  return alive === undefined
    ? clock.now - Math.max(lock.Created, lastHeartbeat(holder)) > SILENT_OWNER_TIMEOUT_S
    : !alive;
}
