import { randomUUID } from "node:crypto";
import type { TarItem } from "../streams/pack-tar.ts";
import { pathBytes } from "../streams/path-bytes.ts";
import type { TarHeader } from "../streams/tar-header.ts";
import { type GrpcCall, serveGrpc } from "./grpc-server.ts";
import { openExchange } from "./hijack.ts";
import { bytesField, numberField, protobufFields } from "./protobuf.ts";
import type { Transport } from "./transport.ts";

/** The name of the Dockerfile in a session, where it has a folder of its own. */
export const SESSION_DOCKERFILE = "Dockerfile";

/** A file that BuildKit may request. */
export interface SessionFile {
  readonly header: TarHeader;
  /** Its `read` fails if the file cannot be read or has changed. */
  open(): TarItem;
}

/** Files that BuildKit reads instead of an archive, which allows a Dockerfile that `COPY .` does not copy. */
export interface SessionFiles {
  /** Named `SESSION_DOCKERFILE`. */
  readonly dockerfile: SessionFile;
  /**
   * The context in byte order of the paths, a folder before its files.
   * @param only the only top-level file to list.
   */
  context(only?: string): Iterable<SessionFile>;
  /** Called with the number of sent bytes. */
  onSent(length: number): void;
  /** Called after the last byte was sent. */
  onEnd(): void;
}

export interface BuildSession extends Disposable {
  readonly id: string;
  /** The error that prevented sending files. */
  readonly failure: unknown;
}

const DIFF_COPY = "/moby.filesync.v1.FileSync/DiffCopy";

/**
 * `POST /session`: lets BuildKit request files during a build. Offers no secrets, SSH agent or credentials.
 * @throws OneoffError if the engine, or a proxy in front of it, does not support sessions.
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
    // BuildKit caches files for the next session with the same key, and compares only size and time.
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
  // BuildKit requests the patterns first. It also names the paths that it needs; sending more is harmless.
  return context(metadata("followpaths") === DOCKERIGNORE ? DOCKERIGNORE : undefined);
}

/** Fields and types of `Packet` in fsutil's wire.proto. */
const PACKET = { stat: 0, request: 1, data: 2, end: 3, error: 4 };

const packet = (type: number, ...fields: Buffer[]) => Buffer.concat([numberField(1, type), ...fields]);

/** Sends the list of files, then the content of requested files by their index, until the receiver finishes. */
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
    // Not `for await`, which would close the stream before its status is sent.
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
  const { read, close } = file.open();
  const place = numberField(3, id);
  try {
    for (let left = file.header.size; left > 0; ) {
      const memory = Buffer.allocUnsafe(Math.min(CHUNK, left));
      const length = (await read?.(memory)) ?? 0;
      await send(packet(PACKET.data, place, bytesField(4, memory.subarray(0, length))));
      onSent(length);
      left -= length;
    }
  } finally {
    await close?.();
  }
  await send(packet(PACKET.data, place));
}

/** Bits of Go's file mode for types and special permissions. */
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
