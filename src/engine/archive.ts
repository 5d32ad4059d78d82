import type { Readable } from "node:stream";
import { isRefusal } from "../errors.ts";
import { readEntry } from "../streams/tar.ts";
import type { Transport } from "./transport.ts";

/**
 * `GET /containers/{id}/archive`: one file of a container, started or not.
 * @param limit in bytes: of a larger file, nothing is returned.
 * @returns undefined when there is no such file, or it is none.
 */
export async function readContainerFile(engine: Transport, id: string, path: string, limit: number) {
  let stream: Readable;
  try {
    ({ stream } = await engine.send({ method: "GET", path: `/containers/${id}/archive`, query: { path } }));
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
  return readEntry(stream, limit);
}
