import type { Readable } from "node:stream";
import { isRefusal } from "../errors/engine.ts";
import { badLine } from "../errors/io.ts";
import { type Download, openDownload } from "./download.ts";
import { unreachable } from "./endpoint/unreachable.ts";
import { number, object, text } from "./shapes.ts";
import type { Transport } from "./transport.ts";

/**
 * `GET /containers/{id}/archive`: one file of a container, started or not.
 * @param limit in bytes; a larger file is not returned.
 * @returns undefined if the path does not exist or is no file.
 */
export async function readContainerFile(engine: Transport, id: string, path: string, limit: number) {
  // Loaded before there is a stream that may end.
  const { readEntry } = await import("../streams/tar.ts");
  let stream: Readable;
  try {
    ({ stream } = await engine.send({ method: "GET", path: `/containers/${id}/archive`, query: { path } }));
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
  try {
    return await readEntry(stream, limit);
  } catch (error) {
    throw unreachable(engine.endpoint, error);
  }
}

/** Properties of a path in a container, including volumes and bind mounts but not a tmpfs. */
export interface PathStat {
  readonly name: string;
  readonly kind: "file" | "directory" | "symlink" | "other";
  /** Size of a file in bytes. */
  readonly size: number;
  /** The resolved target of a symlink, as an absolute path in the container. */
  readonly linkTarget: string;
}

/** `HEAD /containers/{id}/archive`. @returns undefined if the path does not exist. */
export async function statContainerPath(engine: Transport, id: string, path: string): Promise<PathStat | undefined> {
  try {
    const response = await engine.send({ method: "HEAD", path: `/containers/${id}/archive`, query: { path } });
    await response.drop();
    return pathStat(response.header(STAT) ?? "");
  } catch (error) {
    if (isRefusal(error, 404)) return undefined;
    throw error;
  }
}

const STAT = "x-docker-container-path-stat";

/** Bits of Go's file mode, which differ from the kernel's. */
const DIRECTORY = 2 ** 31;
const SYMLINK = 2 ** 27;
/** Other types: devices, pipes, sockets. */
const OTHER = 2 ** 26 + 2 ** 25 + 2 ** 24 + 2 ** 21 + 2 ** 19;

/** @param header JSON in base 64. */
function pathStat(header: string): PathStat {
  const { name, size, mode, linkTarget } = parseStat(header);
  const is = (bits: number) => Number(BigInt(mode) & BigInt(bits)) !== 0;
  const kind = is(DIRECTORY) ? "directory" : is(SYMLINK) ? "symlink" : is(OTHER) ? "other" : "file";
  return { name, kind, size, linkTarget };
}

interface Stat extends Omit<PathStat, "kind"> {
  readonly mode: number;
}

const STAT_SHAPE = object({ name: text, size: number, mode: number, linkTarget: text });

function parseStat(header: string): Stat {
  let stat: unknown;
  try {
    stat = JSON.parse(Buffer.from(header, "base64").toString());
  } catch {
    throw badLine(`expected base64-encoded JSON in ${STAT}`, header);
  }
  const problem = STAT_SHAPE(stat, STAT) ?? (Number.isSafeInteger((stat as Stat).mode) ? undefined : "expected a mode");
  if (problem !== undefined) throw badLine(problem);
  return stat as Stat;
}

/** `GET /containers/{id}/archive` of any size. @param signal aborts the connection and the reader. */
export const getArchive = (engine: Transport, id: string, path: string, signal?: AbortSignal): Promise<Download> =>
  openDownload(engine, { path: `/containers/${id}/archive`, query: { path }, signal });

/**
 * `PUT /containers/{id}/archive`: extracts an archive into an existing folder of a container, with the owners of
 * the archive. A folder never replaces a file, nor a file a folder.
 */
export async function putArchive(
  engine: Transport,
  id: string,
  folder: string,
  stream: () => AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const query = { path: folder, noOverwriteDirNonDir: 1 };
  const path = `/containers/${id}/archive`;
  const request = { method: "PUT", path, query, stream, signal, isOpenEnded: true } as const;
  await (await engine.send(request)).drop();
}
