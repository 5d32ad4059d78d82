import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { isOwn, labelOf } from "../../identity/ownership.ts";
import { lastSeen } from "./heartbeat.ts";
import type { Owner } from "./owner.ts";

/** What tells whether anybody still waits for a container. */
export interface Clock {
  /** In seconds since 1970, by the engine's clock. */
  readonly now: number;
  readonly isAlive: Owner["isAlive"];
}

/** To be asked after what is judged by it has been listed: the answer tells the time. */
export const clockOf = (engine: Transport, { isAlive }: Pick<Owner, "isAlive">): Clock => ({
  now: engine.clock.passed(),
  isAlive,
});

/** How long a container may wait to be started by somebody of whom nothing is known, and nothing is heard; in seconds. */
const UNHEARD_TIMEOUT_S = 3600;

export function ownerIsAlive({ Labels }: ContainerSummary, { isAlive }: Clock): boolean | undefined {
  const owner = labelOf(Labels, LABEL.owner);
  return owner === undefined ? undefined : isAlive(owner);
}

/** Whether a container that was never started never will be. */
export function isAbandoned(container: ContainerSummary, clock: Clock): boolean {
  if (container.State !== "created") return false;
  const alive = ownerIsAlive(container, clock);
  // One that wants a lock may wait for hours.
  const waits = container.Labels[LABEL.kind] === "run" && labelOf(container.Labels, LABEL.lock) !== undefined;
  return alive === undefined ? !waits && clock.now - lastSeen(container) > UNHEARD_TIMEOUT_S : !alive;
}

/** The container that holds a lock: one that oneoff has created to have this very lock. */
export const holderOf = (lock: ContainerSummary, containers: readonly ContainerSummary[]) =>
  containers.find(
    (one) => one.Id === lock.Labels[LABEL.holder] && isOwn(one) && one.Labels[LABEL.lock] === lock.Labels[LABEL.lock],
  );

/**
 * Whether nobody holds a lock any more: its holder has gone or ended, or will never be started.
 * @param holder undefined for one that the engine does not have.
 */
export function isStale(lock: ContainerSummary, holder: ContainerSummary | undefined, clock: Clock): boolean {
  if (!holder || ["exited", "dead", "removing"].includes(holder.State)) return true;
  if (holder.State !== "created") return false;
  const alive = ownerIsAlive(holder, clock);
  // It is started as soon as it has the lock, however long it has waited for that.
  return alive === undefined ? clock.now - Math.max(lock.Created, lastSeen(holder)) > UNHEARD_TIMEOUT_S : !alive;
}
