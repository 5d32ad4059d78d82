import { Buffer } from "node:buffer";
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Hijacked, hijack } from "../../../src/engine/hijack.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { type Exchange, type FakeEngine, fakeEngine, UPGRADED } from "../../support/fake-engine.ts";
import { readHalf } from "../../support/read-half.ts";

const ROUTE = "POST /containers/c/attach";
const request = { path: "/containers/c/attach", query: { stream: 1 } };

/** Asks to be attached, without waiting for it. */
function attach(engine: FakeEngine, route = ROUTE) {
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const held = engine.on(route);
  const connection = hijack(transport, request);
  connection.catch(() => {});
  return { connection, held };
}

async function attached(engine: FakeEngine): Promise<{ connection: Hijacked; exchange: Exchange }> {
  const { connection, held } = attach(engine);
  const exchange = await held;
  exchange.upgrade();
  return { connection: await connection, exchange };
}

/** All that comes until the other side has ended. */
async function readAll(connection: Hijacked): Promise<string> {
  const chunks: Buffer[] = [];
  await connection.read((chunk) => chunks.push(Buffer.from(chunk)) > 0);
  return Buffer.concat(chunks).toString();
}

test("the request asks for an upgrade, has no body, and nothing follows it before the answer", async () => {
  await using engine = await fakeEngine();
  const { connection, held } = attach(engine);
  const exchange = await held;
  const head =
    "POST /v1.44/containers/c/attach?stream=1 HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n";
  exchange.upgrade();
  using open = await connection;
  open.socket.write("x");
  const [first] = await once(exchange.socket, "data");
  expect(first.toString()).toBe("x");
  expect(exchange.socket.bytesRead).toBe(Buffer.byteLength(head) + 1);
});

test("a request may have a body, which is part of it", async () => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const held = engine.on("POST /exec/e/start");
  const connection = hijack(transport, { path: "/exec/e/start", body: { Detach: false, Who: "žluťoučký" } });
  const exchange = await held;
  expect(exchange.body).toEqual({ Detach: false, Who: "žluťoučký" });
  exchange.upgrade();
  using open = await connection;
  open.socket.write("x");
  expect((await once(exchange.socket, "data"))[0].toString()).toBe("x");
});

describe("what comes with the head of the answer", () => {
  test("is part of the stream", async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    const { socket } = await held;
    socket.write(`${UPGRADED}first`);
    using open = await connection;
    socket.end(" second");
    expect(await readAll(open)).toBe("first second");
  });

  test("is part of the stream even when it ends there, or looks like a head", async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).socket.end(`${UPGRADED}HTTP/1.1 500 No\r\n\r\n`);
    using open = await connection;
    expect(await readAll(open)).toBe("HTTP/1.1 500 No\r\n\r\n");
  });

  test("is found wherever the head is cut", async () => {
    await using engine = await fakeEngine();
    for (let cut = 1; cut <= UPGRADED.length; cut += 1) {
      const { connection, held } = attach(engine);
      const { socket } = await held;
      socket.write(UPGRADED.slice(0, cut));
      await turn();
      await turn();
      socket.end(`${UPGRADED.slice(cut)}after`);
      using open = await connection;
      expect(await readAll(open), `cut at ${cut}`).toBe("after");
    }
  });

  test("is found when everything comes byte by byte", async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    const { socket } = await held;
    for (const byte of `${UPGRADED}after`) {
      socket.write(byte);
      await turn();
    }
    socket.end();
    using open = await connection;
    expect(await readAll(open)).toBe("after");
  });
});

test("closing our half is the other side's end-of-file, and what it writes afterwards still comes", async () => {
  await using engine = await fakeEngine();
  const { connection, exchange } = await attached(engine);
  using open = connection;
  open.socket.end("all of stdin");
  expect((await readHalf(exchange.socket)).toString()).toBe("all of stdin");
  exchange.socket.end("output after that");
  expect(await readAll(open)).toBe("output after that");
});

test("the other side's end leaves our half open until it is disposed of", async () => {
  await using engine = await fakeEngine();
  const { connection, exchange } = await attached(engine);
  {
    using open = connection;
    exchange.socket.end("bye");
    expect(await readAll(open)).toBe("bye");
    open.socket.write("still heard");
    const [heard] = await once(exchange.socket, "data");
    expect(heard.toString()).toBe("still heard");
  }
  await once(exchange.socket, "close");
});

describe("an attach that is refused", () => {
  test.each([
    [400, "Invalid detach keys"],
    [404, "No such container: c"],
    [409, "container c is paused, unpause the container before attach"],
    [500, "é".repeat(30_000)],
  ])("with status %i keeps the engine's words, which end with the connection", async (status, text) => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    const exchange = await held;
    const closed = once(exchange.socket, "close");
    exchange.refuse(status, text);
    await expect(connection).rejects.toMatchObject({ code: "engine-refused", status, message: text });
    await closed;
  });

  test("in several pieces keeps all of its words", async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    const { socket } = await held;
    for (const piece of ["HTTP/1.1 404 Not Found\r\n", "Content-Type: text/plain\r\n\r\n", "No such ", "container"]) {
      socket.write(piece);
      await turn();
      await turn();
    }
    socket.end(": c\r\n");
    await expect(connection).rejects.toMatchObject({ message: "No such container: c" });
  });

  test("without words names the request", async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).refuse(502, "");
    await expect(connection).rejects.toThrow("The engine answered 502 to POST /containers/c/attach");
  });

  test("over a connection that stays open is known once all of its words are there", { timeout: 2_000 }, async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).reply(403, { message: "denied by the authorization plugin" });
    await expect(connection).rejects.toMatchObject({ status: 403, message: "denied by the authorization plugin" });
  });

  test("over a connection that stays open is known also when it has no words", { timeout: 2_000 }, async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).reply(502);
    await expect(connection).rejects.toThrow("The engine answered 502 to POST /containers/c/attach");
  });

  // As an engine answers with more than 2 KiB.
  test("in chunks, over a connection that stays open, has its words whole", { timeout: 2_000 }, async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    const { socket } = await held;
    const text = JSON.stringify({ message: `denied: ${"é".repeat(2_000)}` });
    const chunks = [text.slice(0, 1_000), text.slice(1_000)].map(
      (chunk) => `${Buffer.byteLength(chunk).toString(16)}\r\n${chunk}\r\n`,
    );
    socket.write(`HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n${chunks.join("")}0\r\n\r\n`);
    socket.resume().once("end", () => socket.end());
    await expect(connection).rejects.toMatchObject({ status: 403, message: `denied: ${"é".repeat(2_000)}` });
  });

  test("for its version is asked again in the engine's own", { timeout: 2_000 }, async () => {
    await using engine = await fakeEngine({ version: "1.41" });
    const { connection, held } = attach(engine);
    (await held).upgrade().end("hello");
    using open = await connection;
    expect(await readAll(open)).toBe("hello");
    expect(engine.requests.map(({ version }) => version)).toEqual(["1.44", "1.41"]);
  });
});

describe("an answer that is not the engine's", () => {
  test("is an error when its head has no end", async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).socket.end("x".repeat(70_000));
    await expect(connection).rejects.toMatchObject({ name: "OneoffError" });
  });

  // Some proxies make this of a 101. The stream goes on until a command has ended that is never started.
  test("is not waited for to the end when it is a 200 with a stream", { timeout: 2_000 }, async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n");
    await connection.then(
      (open) => open[Symbol.dispose](),
      (error) => expect(error).toMatchObject({ name: "OneoffError" }),
    );
  });
});

describe("a connection that breaks", () => {
  test("by a reset, since the container has not read its stdin, has ended", async () => {
    await using engine = await fakeEngine();
    const { connection, exchange } = await attached(engine);
    using open = connection;
    const all = readAll(open);
    const broken = once(open.socket, "error");
    // More than the other side reads ahead: closing a socket with unread bytes is what makes the kernel reset it.
    open.socket.write(Buffer.alloc(1024 * 1024));
    await expect.poll(() => exchange.socket.readableLength).toBeGreaterThan(0);
    exchange.socket.destroy();
    expect(await all).toBe("");
    expect((await broken)[0].code).toMatch(/^ECONNRESET$|^EPIPE$/);
  });

  test("under what we write has ended", async () => {
    await using engine = await fakeEngine();
    const { connection, exchange } = await attached(engine);
    using open = connection;
    const all = readAll(open);
    exchange.socket.end("last words").destroySoon();
    expect(await all).toBe("last words");
    const broken = once(open.socket, "error");
    open.socket.write("too late");
    expect((await broken)[0].code).toBe("EPIPE");
  });

  test.each([
    ["before any answer", ""],
    ["in the middle of the head", UPGRADED.slice(0, 40)],
  ])("%s is an error", async (_when, sent) => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).socket.end(sent);
    await expect(connection).rejects.toMatchObject({
      code: "engine-unreachable",
      message: `Cannot reach the engine at ${engine.socketPath}: it closed the connection without an answer`,
    });
  });

  test("before any answer is closed on our side too", { timeout: 2_000 }, async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    const { socket } = await held;
    const closed = once(socket, "close");
    socket.resume().end();
    await expect(connection).rejects.toMatchObject({ code: "engine-unreachable" });
    await closed;
  });

  test("since there is no engine is an error", async () => {
    const transport = openTransport(() => ({ socketPath: "/tmp/none.sock", from: "--host" }));
    await expect(hijack(transport, request)).rejects.toMatchObject({
      code: "engine-unreachable",
      message: "Cannot reach the engine at /tmp/none.sock: no such socket",
    });
  });
});

test("a reader that has enough gets nothing more until it resumes, and then everything", async () => {
  await using engine = await fakeEngine();
  const { connection, exchange } = await attached(engine);
  using open = connection;
  const sent = Buffer.alloc(4 * 1024 * 1024, "0123456789abcdef!");
  const chunks: Buffer[] = [];
  const all = open.read((chunk) => {
    chunks.push(Buffer.from(chunk));
    return false;
  });
  exchange.socket.end(sent);
  await expect.poll(() => chunks.length).toBe(1);
  // The rest stays with the engine: more than the kernel holds between us.
  await expect.poll(() => exchange.socket.writableLength).toBeGreaterThan(1024 * 1024);
  expect(chunks).toHaveLength(1);
  let over = false;
  const ended = all.then(() => {
    over = true;
  });
  while (!over) {
    open.resume();
    await turn();
  }
  await ended;
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
});

test("all chunks come in the same memory", async () => {
  await using engine = await fakeEngine();
  const { connection, exchange } = await attached(engine);
  using open = connection;
  const chunks: Buffer[] = [];
  const over = open.read((chunk) => chunks.push(chunk) > 0);
  for (const text of ["one1", "two2", "tri3"]) {
    exchange.socket.write(text);
    await expect.poll(() => chunks.at(-1)?.toString()).toBe(text);
  }
  exchange.socket.end();
  await over;
  expect(chunks.map(String)).toEqual(["tri3", "tri3", "tri3"]);
});
