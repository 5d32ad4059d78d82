import { randomUUID } from "node:crypto";
import { diffCopy, errorPacket, type SessionFile } from "./diff-copy.ts";
import { framed, type GrpcCall, serveGrpc } from "./grpc-server.ts";
import { openExchange } from "./hijack.ts";
import { numberField } from "./protobuf.ts";
import type { Transport } from "./transport.ts";

/** The name of the Dockerfile in a session, where it has a folder of its own. */
export const SESSION_DOCKERFILE = "Dockerfile";

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
      await send(framed(SERVING));
    },
    async [DIFF_COPY](call) {
      try {
        await diffCopy(call, filesOf(files, call), files.onSent);
      } catch (error) {
        failure ??= error;
        await call.send(framed(errorPacket(String(error))));
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
