import { Buffer } from "node:buffer";
import { buffer } from "node:stream/consumers";
import { setImmediate as turn } from "node:timers/promises";
import { extract, type Header, pack } from "tar-stream";
import type { ByteSource } from "../../src/streams/pump.ts";
import type { FakeEngine } from "./fake-engine.ts";
import { FakeSource } from "./fake-source.ts";

export type Entry = Partial<Header> & { readonly name: string };

/** Packs entries in order; `text` is the content of an entry. */
export async function tarOf(...entries: (readonly [header: Entry, text?: string | Buffer])[]): Promise<Buffer> {
  const tar = pack();
  for (const [header, text] of entries) {
    if (text === undefined) tar.entry({ ...header });
    else tar.entry({ ...header }, text);
  }
  tar.finalize();
  return buffer(tar);
}

/** Reads the entries of an archive, with their content as text. */
export async function entriesOf(archive: Buffer): Promise<{ header: Header; text: string }[]> {
  const reader = extract();
  reader.end(archive);
  const entries = [];
  for await (const entry of reader) entries.push({ header: entry.header, text: (await buffer(entry)).toString() });
  return entries;
}

/** Returns a source of these bytes in chunks of `size`, followed by EOF. */
export function sourceOf(bytes: Buffer, size?: number): ByteSource & Disposable {
  const source = new FakeSource();
  turn()
    .then(() => source.bringAll(bytes, size))
    .then(() => source.end());
  return source;
}

/** Type bits of Go's os.FileMode. */
export const GO_MODE = { directory: 2 ** 31, symlink: 2 ** 27, pipe: 2 ** 25 } as const;

export interface Stat {
  readonly name?: string;
  readonly size?: number;
  readonly mode?: number;
  readonly linkTarget?: string;
}

/** Responds to one HEAD request for a path of the container `c`. @returns the requested path */
export async function answerStat(engine: FakeEngine, stat: Stat | undefined): Promise<string | undefined> {
  const { socket, query } = await engine.on("HEAD /containers/c/archive");
  const facts = { name: "x", size: 0, mode: 0o644, linkTarget: "", ...stat };
  const header = Buffer.from(JSON.stringify(facts)).toString("base64");
  socket.end(
    `HTTP/1.1 ${stat ? "200 OK" : "404 Not Found"}\r\n${stat ? `X-Docker-Container-Path-Stat: ${header}\r\n` : ""}Connection: close\r\n\r\n`,
  );
  return query.path;
}

/** Responds to one request for an archive of the container `c`. @returns the requested path */
export async function answerArchive(engine: FakeEngine, archive: Buffer): Promise<string | undefined> {
  const exchange = await engine.on("GET /containers/c/archive");
  exchange.acknowledge().end(archive);
  return exchange.query.path;
}
