import { type ContainerEvent, containerEvents, type EventFilters } from "../../engine/events.ts";
import type { Transport } from "../../engine/transport.ts";
import { isConnectionLoss } from "../../errors/engine.ts";
import { LABEL } from "../../identity/labels.ts";
import { pollUntilReconnected } from "../session/reconnect.ts";

/** JavaScript's numbers have 53 bits, so nanoseconds are inexact. */
const PRECISION_NS = 1_000;

/** The labels of one-offs. */
export const ONEOFF_LABELS = [`${LABEL.kind}=run`];

/**
 * Subscribes to events of containers. When the connection is cut, e.g. by a proxy that closes idle connections, it subscribes
 * again from the last event on.
 * @param onReconnect called when it has subscribed again: a restarted engine has forgotten its events.
 * @returns when the engine has acknowledged the subscription. The events fail if the engine stays lost.
 */
export async function subscribeToEvents(
  engine: Transport,
  filters: EventFilters,
  onReconnect = () => {},
): Promise<AsyncIterable<ContainerEvent> & Disposable> {
  const open = (since?: string) => containerEvents(engine, { ...filters, since });
  let current = await open();
  let isClosed = false;
  const opened = engine.clock.passed();

  async function* events(): AsyncGenerator<ContainerEvent> {
    let recent: ContainerEvent[] = [];
    for (;;) {
      try {
        for await (const event of current) {
          if (recent.some((known) => isSameEvent(known, event))) continue;
          recent = [...recent.filter(({ timeNano }) => timeNano >= event.timeNano - 2 * PRECISION_NS), event];
          yield event;
        }
      } catch (error) {
        if (isClosed || !isConnectionLoss(error)) throw error;
        const since = toSince(recent.at(-1), opened);
        const next = await pollUntilReconnected(engine, () => open(since));
        if (!next) throw error;
        current = next;
        if (isClosed) next[Symbol.dispose]();
        onReconnect();
      }
    }
  }
  return {
    [Symbol.asyncIterator]: events,
    [Symbol.dispose]() {
      isClosed = true;
      current[Symbol.dispose]();
    },
  };
}

/** @param opened seconds since 1970 by the engine's clock. @returns seconds since 1970 with a fraction. */
function toSince(last: ContainerEvent | undefined, opened: number): string | undefined {
  if (last) return ((last.timeNano - PRECISION_NS) / 1e9).toFixed(6);
  return Number.isFinite(opened) ? String(Math.floor(opened)) : undefined;
}

const isSameEvent = (a: ContainerEvent, b: ContainerEvent) =>
  a.timeNano === b.timeNano && a.Action === b.Action && a.Actor.ID === b.Actor.ID;
