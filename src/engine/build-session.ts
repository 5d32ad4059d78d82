import { randomUUID } from "node:crypto";
import type { TarHeader, TarItem } from "../streams/pack-tar.ts";
import { pathBytes } from "../streams/path-bytes.ts";
import { type GrpcCall, serveGrpc } from "./grpc-server.ts";
import { openExchange } from "./hijack.ts";
import { bytesField, numberField, protobufFields } from "./protobuf.ts";
import type { Transport } from "./transport.ts";

/** The name of any Dockerfile in a session, which has a folder of its own. */
export const SESSION_DOCKERFILE = "Dockerfile";

/** A file that BuildKit may ask for. */
export interface SessionFile {
  readonly header: TarHeader;
  /** @throws OneoffError when it cannot be read, or has changed. */
  open(): Promise<TarItem & AsyncDisposable>;
}

/** What BuildKit reads from, instead of an archive: only so can it have a Dockerfile that `COPY .` does not copy. */
export interface SessionFiles {
  /** Named `SESSION_DOCKERFILE`. */
  readonly dockerfile: SessionFile;
  /**
   * The context in the order of its paths' bytes, a folder before its files.
   * @param only the only file to look for, at the top.
   */
  context(only?: string): Iterable<SessionFile>;
  /** Called with the bytes of contents that have been sent. */
  onSent(length: number): void;
  /** Called once nothing more is sent. */
  onEnd(): void;
}

export interface BuildSession extends Disposable {
  readonly id: string;
  /** Why the files could not be sent. */
  readonly failure: unknown;
}

const DIFF_COPY = "/moby.filesync.v1.FileSync/DiffCopy";

/**
 * `POST /session`: lets BuildKit call back for files while it builds. It offers no secrets, no SSH agent and no credentials.
 * @throws OneoffError when the engine, or a proxy in front of it, has no sessions.
 */
export async function openBuildSession(
  engine: Transport,
  files: SessionFiles,
  signal: AbortSignal | undefined,
): Promise<BuildSession> {
  const id = randomUUID();
  const headers = {
    Connection: "Upgrade",
    Upgrade: "h2c",
    "X-Docker-Expose-Session-Uuid": id,
    "X-Docker-Expose-Session-Name": "oneoff",
    // BuildKit keeps files for the next session of the same key, and compares them by size and time only.
    "X-Docker-Expose-Session-Sharedkey": id,
    "X-Docker-Expose-Session-Grpc-Method": DIFF_COPY,
    "Content-Length": "0",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const request = { method: "POST", path: "/session", headers: lines.join("\r\n"), status: 101, signal };
  const { connection } = await openExchange(engine, request);
  let failure: unknown;
  const server = serveGrpc(connection, {
    "/grpc.health.v1.Health/Check": async ({ messages, send }) => {
      for await (const _ of messages);
      await send(SERVING);
    },
    async [DIFF_COPY](call) {
      try {
        await diffCopy(call, filesOf(files, call), files.onSent);
      } catch (error) {
        failure ??= error;
        await call.send(packet(PACKET.error, bytesField(4, Buffer.from(String(error)))));
        throw error;
      }
    },
  });
  return {
    id,
    get failure() {
      return failure;
    },
    [Symbol.dispose]() {
      server[Symbol.dispose]();
      files.onEnd();
    },
  };
}

const SERVING = numberField(1, 1);

const DOCKERIGNORE = ".dockerignore";

function filesOf({ dockerfile, context }: SessionFiles, { metadata }: GrpcCall): Iterable<SessionFile> {
  if (metadata("dir-name") === "dockerfile") return [dockerfile];
  // BuildKit looks for the patterns first. The other paths that it names are those that it needs: more does no harm.
  return context(metadata("followpaths") === DOCKERIGNORE ? DOCKERIGNORE : undefined);
}

/** Of `Packet` in fsutil's wire.proto. */
const PACKET = { stat: 0, request: 1, data: 2, end: 3, error: 4 };

const packet = (type: number, ...fields: Buffer[]) => Buffer.concat([numberField(1, type), ...fields]);

/** Sends what there is, then the contents that are asked for, by the place of a file in the list, until all is said. */
async function diffCopy(
  { messages, send }: GrpcCall,
  files: Iterable<SessionFile>,
  onSent: SessionFiles["onSent"],
): Promise<void> {
  const sent: SessionFile[] = [];
  const list = async () => {
    for (const file of files) {
      sent.push(file);
      await send(packet(PACKET.stat, bytesField(2, statOf(file.header))));
    }
    await send(packet(PACKET.stat));
  };
  const serve = async () => {
    // Not `for await`: leaving that would close the stream before its status is sent.
    const received = messages[Symbol.asyncIterator]();
    for (let next = await received.next(); !next.done; next = await received.next()) {
      const { type, id, data } = parsed(next.value);
      if (type === PACKET.error) throw new Error(data);
      if (type === PACKET.end) return;
      const file = sent[id];
      if (type === PACKET.request && file) await sendContent(file, id, send, onSent);
    }
  };
  await Promise.all([list(), serve()]);
  await send(packet(PACKET.end));
}

const CHUNK = 32 * 1024;

async function sendContent(
  file: SessionFile,
  id: number,
  send: GrpcCall["send"],
  onSent: SessionFiles["onSent"],
): Promise<void> {
  await using item = await file.open();
  const place = numberField(3, id);
  for (let left = file.header.size; left > 0; ) {
    const memory = Buffer.allocUnsafe(Math.min(CHUNK, left));
    const length = (await item.read?.(memory)) ?? 0;
    await send(packet(PACKET.data, place, bytesField(4, memory.subarray(0, length))));
    onSent(length);
    left -= length;
  }
  await send(packet(PACKET.data, place));
}

/** Go's bits for what a file is, and for those above the permissions. */
const TYPE_BITS = { file: 0, directory: 2 ** 31, symlink: 2 ** 27 };
const SPECIAL_BITS = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
] as const;

function statOf({ name, type, mode, uid, gid, size, mtime, linkname }: TarHeader): Buffer {
  const special = SPECIAL_BITS.reduce((bits, [posix, go]) => bits + (mode & posix ? go : 0), 0);
  return Buffer.concat([
    bytesField(1, pathBytes(name)),
    numberField(2, TYPE_BITS[type] + special + (mode & 0o777)),
    numberField(3, uid),
    numberField(4, gid),
    numberField(5, size),
    numberField(6, BigInt(mtime) * 1_000_000_000n),
    bytesField(7, pathBytes(linkname ?? "")),
  ]);
}

function parsed(message: Buffer): { type: number; id: number; data: string } {
  let [type, id, data] = [PACKET.stat, 0, ""];
  for (const { number, value } of protobufFields(message)) {
    if (number === 1) type = Number(value);
    if (number === 3) id = Number(value);
    if (number === 4) data = value.toString();
  }
  return { type, id, data };
}
