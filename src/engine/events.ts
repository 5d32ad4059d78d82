import { jsonLines } from "../streams/lines.ts";
import type { Transport } from "./transport.ts";

/** `GET /events`, of one container. @returns when the engine has begun to tell; closing it ends the telling. */
export async function watchContainer(
  engine: Transport,
  container: string,
  event: string,
  onEvent: () => void,
): Promise<Disposable> {
  const query = { filters: JSON.stringify({ container: [container], event: [event] }) };
  const { stream } = await engine.send({ method: "GET", path: "/events", query });
  const telling = (async () => {
    for await (const _ of jsonLines(stream)) onEvent();
  })();
  // It ends by being closed, or with its engine, which is noticed elsewhere.
  telling.catch(() => {});
  return { [Symbol.dispose]: () => stream.destroy() };
}
