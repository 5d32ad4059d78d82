import { containerPart } from "../../app/app-name.ts";
import { renameContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerSummary } from "../../engine/types.ts";
import { LABEL } from "../labels.ts";

/** In milliseconds: several times in the time after which somebody on another machine is taken for gone. */
const BEAT = 10 * 60 * 1000;

/**
 * Says again and again, until it is disposed of, that whoever has made a container that is never started is still there.
 * Of such a container the engine changes nothing but its name.
 * @param now in seconds since 1970.
 */
export function heartbeat(engine: Transport, { id, app }: { id: string; app: string }, now: () => number): Disposable {
  const beat = () => {
    const name = `${containerPart(app)}.deploy.${id.slice(0, 12)}.at-${Math.floor(now())}`;
    // One that is missed is made up for by the next.
    renameContainer(engine, id, name).catch(() => {});
  };
  const timer = setInterval(beat, BEAT).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** When who has made a container was last known to be there, in seconds since 1970. */
export function lastSeen({ Names, Labels, Created }: ContainerSummary): number {
  if (Labels[LABEL.kind] !== "deploy") return Created;
  return Math.max(Created, Number(/\.at-(\d+)$/.exec(Names[0] ?? "")?.[1] ?? 0));
}
