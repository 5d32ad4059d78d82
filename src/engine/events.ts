import { jsonLines } from "../streams/lines.ts";
import { event } from "./answers.ts";
import { unreachable } from "./endpoint/unreachable.ts";
import { eventNames } from "./quirks.ts";
import type { EngineResponse } from "./response.ts";
import type { Transport } from "./transport.ts";

/** `GET /events` of one container. @returns the stream when the engine has started it; closing it ends the request. */
export async function watchContainer(
  engine: Transport,
  container: string,
  event: string,
  onEvent: () => void,
): Promise<Disposable> {
  const query = { filters: JSON.stringify({ container: [container], event: [event] }) };
  const { stream } = await engine.send({ method: "GET", path: "/events", query, isOpenEnded: true });
  const reading = (async () => {
    for await (const _ of jsonLines(stream)) onEvent();
  })();
  // The stream ends when it is closed, or with the engine, which other requests detect.
  reading.catch(() => {});
  return { [Symbol.dispose]: () => stream.destroy() };
}

/** An event of a container. */
export interface ContainerEvent {
  /** `start`, `die` and others. */
  readonly Action: string;
  /** Its labels are among the attributes. */
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  /** Since 1970. */
  readonly timeNano: number;
}

/** Selects events of containers. */
export interface EventFilters {
  /** All containers by default. */
  readonly label?: readonly string[];
  readonly event: readonly string[];
}

/**
 * `GET /events` of containers, from now or from a time in the past.
 * @param filters.since in seconds since 1970, with a fraction.
 * @returns the stream when the engine has started it. An end that oneoff did not cause is an error.
 */
export async function containerEvents(
  engine: Transport,
  { since, ...filters }: EventFilters & { readonly since?: string | undefined },
): Promise<AsyncIterable<ContainerEvent> & Disposable> {
  const event = filters.event.flatMap(eventNames);
  const query = { filters: JSON.stringify({ type: ["container"], ...filters, event }), since };
  const { stream } = await engine.send({ method: "GET", path: "/events", query, isOpenEnded: true });
  return {
    [Symbol.asyncIterator]: () => readEvents(stream, engine),
    [Symbol.dispose]: () => stream.destroy(),
  };
}

async function* readEvents(
  stream: EngineResponse["stream"],
  { endpoint, quirks }: Transport,
): AsyncGenerator<ContainerEvent> {
  try {
    for await (const one of jsonLines<ContainerEvent>(stream, (line) => event(line, ""))) {
      yield { ...one, Action: quirks.events[one.Action] ?? one.Action };
    }
  } catch (error) {
    throw unreachable(endpoint, error);
  }
  throw unreachable(endpoint, new Error("it closed the connection"));
}
