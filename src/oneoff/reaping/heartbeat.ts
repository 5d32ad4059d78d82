import { renameContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { heartbeatName, heartbeatTime } from "../../identity/names.ts";
import { containerNameOf } from "../../identity/ownership.ts";

/** Several times within the hour after which an owner on another machine is considered dead. */
export const HEARTBEAT_INTERVAL_MS = 10 * 60 * 1000;

/**
 * Shows regularly, until disposed, that the owner of a container that is never started is alive. The name is the only
 * property of such a container that the engine can change.
 */
export function startHeartbeat(
  engine: Transport,
  { id, containerName }: { readonly id: string; readonly containerName: string },
): Disposable {
  const beat = () => {
    // The next heartbeat makes up for a failed one.
    renameContainer(engine, id, heartbeatName(containerName, engine.clock.now())).catch(() => {});
  };
  const timer = setInterval(beat, HEARTBEAT_INTERVAL_MS).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** When the owner of a container was last alive, in seconds since 1970. */
export function lastHeartbeat(container: ContainerSummary): number {
  const { Labels, Created } = container;
  return Labels[LABEL.kind] === "deploy" ? Math.max(Created, heartbeatTime(containerNameOf(container))) : Created;
}
