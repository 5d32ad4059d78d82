import { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { getArchive, putArchive, readContainerFile, statContainerPath } from "../../../src/engine/archive.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { fileChanged } from "../../../src/errors/files.ts";
import { answerStat, GO_MODE } from "../../support/archive.ts";
import { fakeEngine } from "../../support/fake-engine.ts";
import { folder } from "../../support/folder.ts";

const transportTo = (socketPath: string) => openTransport(() => ({ socketPath, from: "--host" }));
const MiB = 1024 * 1024;

/** An engine that handles a connection as the test requires. */
async function rawEngine(serve: (socket: Socket) => unknown) {
  const place = await folder();
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => {}));
    // Errors here are intended, or are detected at the other end.
    Promise.resolve(serve(socket)).catch(() => {});
  });
  const socketPath = `${place.path}/s`;
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await place[Symbol.asyncDispose]();
    },
  };
}

describe("reports the type of a path", () => {
  test.each([
    ["a file", { mode: 0o644, size: 7 }, { kind: "file", size: 7 }],
    ["a file with setuid", { mode: 2 ** 23 + 0o755 }, { kind: "file" }],
    ["a folder", { mode: GO_MODE.directory + 2 ** 20 + 0o777 }, { kind: "directory" }],
    ["a symlink", { mode: GO_MODE.symlink + 0o777, linkTarget: "/a/b" }, { kind: "symlink", linkTarget: "/a/b" }],
    ["a pipe", { mode: GO_MODE.pipe + 0o644 }, { kind: "other" }],
    ["a device", { mode: 2 ** 26 + 2 ** 21 + 0o666 }, { kind: "other" }],
    ["a socket", { mode: 2 ** 24 + 0o755 }, { kind: "other" }],
  ])("reports the type of %s", async (_what, stat, found) => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    const asked = answerStat(engine, { name: "é", ...stat });
    expect(await statContainerPath(transport, "c", "/a b/é")).toMatchObject({ name: "é", ...found });
    expect(await asked).toBe("/a b/é");
  });

  test("reports undefined for a missing path", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    void answerStat(engine, undefined);
    expect(await statContainerPath(transport, "c", "/none")).toBeUndefined();
  });

  test("fails on an engine error for a path's type", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    engine.on("HEAD /containers/c/archive", 500);
    await expect(statContainerPath(transport, "c", "/a")).rejects.toMatchObject({
      message: "The engine answered 500 to HEAD /containers/c/archive",
    });
  });
});

describe("rejects a truncated file of a container", () => {
  const head = "HTTP/1.1 200 OK\r\nServer: Docker/28\r\nContent-Length: 1536\r\n\r\n";

  test.each([
    ["before any byte", ""],
    ["within the head", head.slice(0, 30)],
    ["behind the head", head],
    ["within the entry's header", `${head}Procfile`],
  ])("rejects a file that ends %s", { timeout: 5_000 }, async (_where, sent) => {
    await using engine = await rawEngine((socket) => socket.once("data", () => socket.end(sent)));
    await using transport = transportTo(engine.socketPath);
    await expect(readContainerFile(transport, "c", "/Procfile", 100)).rejects.toMatchObject({
      code: "engine-unreachable",
    });
  });
});

/** Blocks that share the same memory, like the packer's. */
async function* reused(bytes: Buffer, size: number) {
  const block = Buffer.alloc(size);
  for (let at = 0; at < bytes.length; at += size) {
    const length = bytes.copy(block, 0, at);
    if (length < size) yield Buffer.from(block.subarray(0, length));
    else yield block;
    block.fill("?");
  }
}

const pattern = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, at) => at * 7 + (at >> 8)));

describe("sends an archive", () => {
  test.each([256 * 1024, MiB])("sends a whole archive from reused memory of %i bytes", async (size) => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    engine.on("PUT /containers/c/archive", 200);
    const bytes = pattern(5 * MiB + 17);
    await putArchive(transport, "c", "/a b", () => reused(bytes, size));
    expect(engine.lines).toEqual(["PUT /containers/c/archive?path=%2Fa%20b&noOverwriteDirNonDir=1"]);
    expect(bytes.equals(engine.requests[0]?.body)).toBe(true);
  });

  test("sends a whole archive to a slow engine", async () => {
    const received: Buffer[] = [];
    await using engine = await rawEngine(async (socket) => {
      for await (const chunk of socket) {
        received.push(chunk);
        if (received.length % 16 === 0) await sleep(5);
        if (chunk.subarray(-5).toString() === "0\r\n\r\n") socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      }
    });
    await using transport = transportTo(engine.socketPath);
    const bytes = pattern(8 * MiB);
    await putArchive(transport, "c", "/", () => reused(bytes, MiB));
    const body = Buffer.concat(received);
    expect(body.includes(bytes.subarray(0, MiB))).toBe(true);
    for (let at = 0; at < bytes.length; at += MiB) {
      const start = body.indexOf("100000\r\n", at) + 8;
      expect(body.subarray(start, start + MiB).equals(bytes.subarray(at, at + MiB)), `at ${at}`).toBe(true);
    }
  });

  test("sends the archive again to an engine with an older API version", async () => {
    await using engine = await fakeEngine({ version: "1.41" });
    await using transport = transportTo(engine.socketPath);
    engine.on("PUT /containers/c/archive", 200);
    await putArchive(transport, "c", "/", () => reused(Buffer.from("tar"), MiB));
    expect(engine.requests.map(({ version, body }) => [version, String(body)])).toEqual([
      ["1.44", "tar"],
      ["1.41", "tar"],
    ]);
  });

  test("stops sending if the archive's source fails, with its error", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    const failure = fileChanged("/a");
    const breaking = async function* () {
      yield Buffer.alloc(MiB);
      throw failure;
    };
    await expect(putArchive(transport, "c", "/", breaking)).rejects.toBe(failure);
    expect(engine.lines).toEqual([]);
  });

  test("stops sending on abort, and closes the connection", async () => {
    const closed = Promise.withResolvers<void>();
    await using engine = await rawEngine((socket) => socket.resume().on("close", () => closed.resolve()));
    await using transport = transportTo(engine.socketPath);
    const ending = new AbortController();
    const reason = new Error("ended");
    const endless = async function* () {
      for (let n = 0; ; n += 1) {
        if (n === 3) ending.abort(reason);
        yield Buffer.alloc(MiB);
      }
    };
    await expect(putArchive(transport, "c", "/", endless, ending.signal)).rejects.toBe(reason);
    await closed.promise;
  });

  test("stops sending when the engine refuses, even at the start", async () => {
    await using engine = await rawEngine((socket) => {
      const body = JSON.stringify({ message: "container rootfs is marked read-only" });
      socket.once("data", () => {
        socket.pause();
        socket.end(`HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      });
    });
    await using transport = transportTo(engine.socketPath);
    const many = async function* () {
      for (let n = 0; n < 1000; n += 1) yield Buffer.alloc(MiB);
    };
    await expect(putArchive(transport, "c", "/", many)).rejects.toMatchObject({
      code: "engine-refused",
      message: "container rootfs is marked read-only",
    });
  });
});

describe("fetches an archive", () => {
  const read = async (archive: Awaited<ReturnType<typeof getArchive>>) => {
    const pieces: Buffer[] = [];
    await archive.read((piece) => pieces.push(Buffer.from(piece)) > 0);
    return Buffer.concat(pieces);
  };

  test("fetches a whole archive", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    const bytes = pattern(3 * MiB + 5);
    engine.on("GET /containers/c/archive").then((exchange) => exchange.acknowledge().end(bytes));
    using archive = await getArchive(transport, "c", "/a b");
    expect(engine.lines).toEqual(["GET /containers/c/archive?path=%2Fa%20b"]);
    expect((await read(archive)).equals(bytes)).toBe(true);
  });

  test("fetches a whole archive without chunked encoding", async () => {
    const bytes = Buffer.from("a tar, they say");
    await using engine = await rawEngine((socket) => {
      socket.once("data", () => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n${bytes}`));
    });
    await using transport = transportTo(engine.socketPath);
    using archive = await getArchive(transport, "c", "/");
    expect((await read(archive)).equals(bytes)).toBe(true);
  });

  test.each([
    ["in the middle of a chunk", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"],
    ["between chunks", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"],
    ["before its declared length", "Content-Length: 9\r\n\r\nhello"],
  ])("rejects an archive that ends %s", async (_where, rest) => {
    await using engine = await rawEngine((socket) => {
      socket.once("data", () => socket.end(`HTTP/1.1 200 OK\r\n${rest}`));
    });
    await using transport = transportTo(engine.socketPath);
    using archive = await getArchive(transport, "c", "/");
    await expect(read(archive)).rejects.toMatchObject({ code: "download-cut" });
  });

  test("rejects an archive with corrupt chunks", async () => {
    await using engine = await rawEngine((socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n"));
    });
    await using transport = transportTo(engine.socketPath);
    using archive = await getArchive(transport, "c", "/");
    await expect(read(archive)).rejects.toMatchObject({ code: "bad-answer" });
  });

  test.each(["before the engine answers", "while it comes"])("stops fetching on abort %s", async (when) => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    const ending = new AbortController();
    const asked = engine.on("GET /containers/c/archive");
    const fetching = getArchive(transport, "c", "/", ending.signal);
    if (when === "while it comes") {
      (await asked).acknowledge().write("first");
      using archive = await fetching;
      const read = () => {
        ending.abort();
        return true;
      };
      await expect(archive.read(read)).rejects.toMatchObject({ code: "engine-unreachable" });
    } else {
      await asked;
      ending.abort();
      await expect(fetching).rejects.toMatchObject({ code: "engine-unreachable" });
    }
  });

  test("reports the engine's refusal of an archive", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    engine.on("GET /containers/c/archive", 404, { message: "Could not find the file /x in container c" });
    await expect(getArchive(transport, "c", "/x")).rejects.toMatchObject({
      code: "engine-refused",
      status: 404,
      message: "Could not find the file /x in container c",
    });
  });
});
