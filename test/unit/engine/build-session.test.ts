import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { Duplex } from "node:stream";
import { describe, expect, test } from "vitest";
import { buildImage } from "../../../src/engine/build.ts";
import type { SessionFiles } from "../../../src/engine/build-session.ts";
import type { SessionFile } from "../../../src/engine/diff-copy.ts";
import { type Dial, dial } from "../../../src/engine/endpoint/dial.ts";
import { numberField, protobufFields } from "../../../src/engine/protobuf.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { fileChanged } from "../../../src/errors/files.ts";
import type { TarHeader } from "../../../src/streams/tar-header.ts";
import { type Exchange, fakeEngine } from "../../support/fake-engine.ts";

const DONE = `${JSON.stringify({ id: "moby.image.id", aux: { ID: "sha256:made" } })}\n`;
const DIFF_COPY = "/moby.filesync.v1.FileSync/DiffCopy";

const file = (name: string, text: string, more: Partial<TarHeader> = {}): SessionFile => {
  const header = { name, type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 1, size: text.length, ...more } as const;
  return {
    header,
    open() {
      let at = 0;
      const read = async (memory: Buffer) => {
        const length = memory.write(text.slice(at));
        at += length;
        return length;
      };
      return { header, read };
    },
  };
};

/** A connection without a socket of its own, like ssh. */
const indirect: Dial = async (address, options) => {
  const socket = await dial(address);
  const duplex = Duplex.from({ readable: socket, writable: socket });
  duplex.on("data", (chunk: Buffer) => options?.onData?.(chunk) || duplex.pause());
  return duplex;
};

/** A build that has sessions. @param act what BuildKit does with the session before it answers the build with `said`. */
async function build(
  context: SessionFile[],
  act: (buildKit: ClientHttp2Session) => Promise<void>,
  said = DONE,
  connection = dial,
) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }), {
    connect: connection,
  });
  const opened = engine.on("POST /session");
  const asked = engine.on("POST /build");
  const sent: number[] = [];
  const files: SessionFiles = {
    dockerfile: file("Dockerfile", "FROM a"),
    context: (only) => context.filter(({ header }) => only === undefined || header.name === only),
    onSent: (length) => void sent.push(length),
    onEnd: () => void sent.push(-1),
  };
  const request = { files, context: async function* () {}, dockerfile: "prod", args: new Map(), noCache: false };
  const building = buildImage(transport, "buildkit", request, () => {}).catch((error) => error);
  const session: Exchange = await opened;
  const buildKit = connect("http://engine", { createConnection: () => session.upgrade() });
  const exchange = await asked;
  await act(buildKit);
  exchange.reply(200, said);
  const outcome = await building;
  buildKit.destroy();
  return { outcome, session, exchange, sent };
}

/** Calls a method, and answers each packet with `react`. @returns the received packets, and the status. */
async function call(
  buildKit: ClientHttp2Session,
  path: string,
  metadata: Record<string, string>,
  messages: Buffer[] = [],
  react: (fields: Map<number, number | Buffer>) => Buffer[] = () => [],
) {
  const stream = buildKit.request({ ":method": "POST", ":path": path, te: "trailers", ...metadata });
  const send = (message: Buffer) => stream.write(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
  for (const message of messages) send(message);
  if (messages.length === 0 && path !== DIFF_COPY) stream.end();
  let status: unknown;
  stream.on("trailers", (trailers) => {
    status = trailers["grpc-status"];
  });
  const packets: Map<number, number | Buffer>[] = [];
  let rest = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      const fields = new Map([...protobufFields(rest.subarray(5, end))].map(({ number, value }) => [number, value]));
      rest = rest.subarray(end);
      packets.push(fields);
      for (const message of react(fields)) send(message);
    }
  });
  await once(stream, "end");
  if (status === undefined) await once(stream, "close");
  stream.end();
  return { packets, status };
}

const [REQUEST, END] = [1, 3];

/** Requests one file's content when all are listed, and ends when it has arrived. */
const asking = (id: number) => (fields: Map<number, number | Buffer>) => {
  const isLast = (fields.get(1) ?? 0) === 0 && !fields.has(2);
  if (isLast) return [Buffer.concat([numberField(1, REQUEST), numberField(3, id)])];
  return fields.get(1) === 2 && !fields.has(4) ? [numberField(1, END)] : [];
};

const named = (packets: Map<number, number | Buffer>[]) =>
  packets.flatMap((fields) => {
    const stat = fields.get(2);
    return stat instanceof Buffer
      ? [new Map([...protobufFields(stat)].map(({ number, value }) => [number, value]))]
      : [];
  });

describe("builds with a session", () => {
  test("names the session in the build request, which has no archive", async () => {
    const { outcome, session, exchange, sent } = await build([], async () => {});
    expect(outcome).toEqual({ image: "sha256:made", builder: "buildkit" });
    const id = session.headers["x-docker-expose-session-uuid"];
    expect(session.headers).toMatchObject({ upgrade: "h2c", "x-docker-expose-session-grpc-method": DIFF_COPY });
    expect(exchange.query).toMatchObject({
      version: "2",
      remote: "client-session",
      session: id,
      dockerfile: "Dockerfile",
    });
    expect([exchange.body, sent]).toEqual([undefined, [-1]]);
  });

  test("lists files with modes, times and raw names, and sends requested content", async () => {
    const context = [
      file("d", "", { type: "directory", mode: 0o1755 }),
      file("d/caf\udce9", "x".repeat(40_000), { mtime: -1 }),
      file("link", "", { type: "symlink", mode: 0o777, linkname: "d" }),
    ];
    const { sent } = await build(context, async (buildKit) => {
      const { packets, status } = await call(buildKit, DIFF_COPY, { "dir-name": "context" }, [], asking(1));
      expect(status).toBe("0");
      const [d, cafe, link] = named(packets);
      expect(d?.get(2)).toBe(2 ** 31 + 2 ** 20 + 0o755);
      expect((cafe?.get(1) as Buffer | undefined)?.toString("latin1")).toBe("d/caf\xe9");
      expect(cafe?.get(5)).toBe(40_000);
      expect([link?.get(2), String(link?.get(7))]).toEqual([2 ** 27 + 0o777, "d"]);
      const content = packets.flatMap((fields) => (fields.get(1) === 2 ? [fields.get(4) ?? Buffer.alloc(0)] : []));
      expect(Buffer.concat(content as Buffer[]).length).toBe(40_000);
      expect(packets.at(-1)?.get(1)).toBe(END);
    });
    expect(sent).toEqual([40_000, -1]);
  });

  test.each([
    ["a socket", dial],
    ["another connection", indirect],
  ])("sends the content of many files over %s while it still lists others", async (_name, connection) => {
    const texts = Array.from({ length: 9000 }, (_, n) => String(n).repeat(n % 1000 === 7 ? 100_000 : 1));
    const context = texts.map((text, n) => file(String(n).padStart(100, "0"), text));
    const act = async (buildKit: ClientHttp2Session) => {
      let listed = 0;
      let ended = 0;
      let sawContentWhileListing = false;
      const react = (fields: Map<number, number | Buffer>) => {
        if (fields.has(2)) return [Buffer.concat([numberField(1, REQUEST), numberField(3, listed++)])];
        if (fields.get(1) !== 2) return [];
        sawContentWhileListing ||= listed < texts.length;
        if (!fields.has(4)) ended++;
        return ended === texts.length ? [numberField(1, END)] : [];
      };
      const { packets, status } = await call(buildKit, DIFF_COPY, { "dir-name": "context" }, [], react);
      expect(status).toBe("0");
      const received = texts.map(() => "");
      for (const fields of packets.filter((fields) => fields.get(1) === 2)) {
        received[Number(fields.get(3) ?? 0)] += String(fields.get(4) ?? "");
      }
      expect(received.every((text, n) => text === texts[n])).toBe(true);
      expect(sawContentWhileListing).toBe(true);
    };
    await build(context, act, DONE, connection);
  });

  test("serves the Dockerfile from a separate folder, and finds one file of the context", async () => {
    await build([file(".dockerignore", "x"), file("a", "a")], async (buildKit) => {
      const of = async (metadata: Record<string, string>) =>
        named((await call(buildKit, DIFF_COPY, metadata, [], asking(0))).packets).map((stat) => String(stat.get(1)));
      expect(await of({ "dir-name": "dockerfile", followpaths: "Dockerfile" })).toEqual(["Dockerfile"]);
      expect(await of({ "dir-name": "context", followpaths: ".dockerignore" })).toEqual([".dockerignore"]);
      expect(await of({ "dir-name": "context" })).toEqual([".dockerignore", "a"]);
    });
  });

  test("reports the session as serving, without secrets and SSH agent", async () => {
    await build([], async (buildKit) => {
      const health = await call(buildKit, "/grpc.health.v1.Health/Check", {});
      expect([health.status, health.packets[0]?.get(1)]).toEqual(["0", 1]);
      const secret = await call(buildKit, "/moby.buildkit.secrets.v1.Secrets/GetSecret", {});
      expect([secret.status, secret.packets]).toEqual(["12", []]);
    });
  });

  test("fails on a file that has changed, regardless of the engine's answer", async () => {
    const changed = {
      ...file("a", "a"),
      open: () => ({ header: file("a", "a").header, read: () => Promise.reject(fileChanged("/src/a")) }),
    };
    const { outcome } = await build(
      [changed],
      async (buildKit) => {
        const { packets, status } = await call(buildKit, DIFF_COPY, { "dir-name": "context" }, [], asking(0));
        expect([packets.at(-1)?.get(1), status]).toEqual([4, "2"]);
      },
      `${JSON.stringify({ error: "failed to load cache key" })}\n`,
    );
    expect(outcome).toMatchObject({ code: "file-changed" });
  });
});
