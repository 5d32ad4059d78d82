import { renameContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../../identity/labels.ts";
import { heartbeatName, heartbeatTime } from "../../identity/names.ts";
import { containerNameOf } from "../../identity/ownership.ts";

/** In milliseconds: several times in the time after which somebody on another machine is taken for gone. */
const BEAT = 10 * 60 * 1000;

/**
 * Says again and again, until it is disposed of, that whoever has made a container that is never started is still there.
 * Of such a container the engine changes nothing but its name.
 */
export function heartbeat(
  engine: Transport,
  { id, containerName }: { readonly id: string; readonly containerName: string },
): Disposable {
  const beat = () => {
    // One that is missed is made up for by the next.
    renameContainer(engine, id, heartbeatName(containerName, engine.clock.now())).catch(() => {});
  };
  const timer = setInterval(beat, BEAT).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** When who has made a container was last known to be there, in seconds since 1970. */
export function lastSeen(container: ContainerSummary): number {
  const { Labels, Created } = container;
  return Labels[LABEL.kind] === "deploy" ? Math.max(Created, heartbeatTime(containerNameOf(container))) : Created;
}
