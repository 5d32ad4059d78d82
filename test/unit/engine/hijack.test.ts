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

/** Sends an attach request, without waiting for the answer. */
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

/** All data until the other side ends. */
async function readAll(connection: Hijacked): Promise<string> {
  const chunks: Buffer[] = [];
  await connection.read((chunk) => chunks.push(Buffer.from(chunk)) > 0);
  return Buffer.concat(chunks).toString();
}

test("requests an upgrade without a body, and sends nothing before the answer", async () => {
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

test("sends a body as part of the request", async () => {
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

describe("reads data that arrives with the response head", () => {
  test("returns data after the response head as part of the stream", async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    const { socket } = await held;
    socket.write(`${UPGRADED}first`);
    using open = await connection;
    socket.end(" second");
    expect(await readAll(open)).toBe("first second");
  });

  test("returns data after the head even if the stream ends there, or looks like a head", async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).socket.end(`${UPGRADED}HTTP/1.1 500 No\r\n\r\n`);
    using open = await connection;
    expect(await readAll(open)).toBe("HTTP/1.1 500 No\r\n\r\n");
  });

  test("separates head and stream wherever the head is split", async () => {
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

  test("separates head and stream byte by byte", async () => {
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

test("half-closes to send EOF, and still reads later output", async () => {
  await using engine = await fakeEngine();
  const { connection, exchange } = await attached(engine);
  using open = connection;
  open.socket.end("all of stdin");
  expect((await readHalf(exchange.socket)).toString()).toBe("all of stdin");
  exchange.socket.end("output after that");
  expect(await readAll(open)).toBe("output after that");
});

test("keeps its half open after the other side's EOF, until disposed of", async () => {
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

describe("rejects an attach that the engine refuses", () => {
  test.each([
    [400, "Invalid detach keys"],
    [404, "No such container: c"],
    [409, "container c is paused, unpause the container before attach"],
    [500, "é".repeat(30_000)],
  ])("reports the engine's message with status %i, up to the end of the connection", async (status, text) => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    const exchange = await held;
    const closed = once(exchange.socket, "close");
    exchange.refuse(status, text);
    await expect(connection).rejects.toMatchObject({ code: "engine-refused", status, message: text });
    await closed;
  });

  test("joins the engine's message from several chunks", async () => {
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

  test("names the request if the refusal has no message", async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).refuse(502, "");
    await expect(connection).rejects.toThrow("The engine answered 502 to POST /containers/c/attach");
  });

  test("reports a complete message of Content-Length on an open connection", { timeout: 2_000 }, async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).reply(403, { message: "denied by the authorization plugin" });
    await expect(connection).rejects.toMatchObject({ status: 403, message: "denied by the authorization plugin" });
  });

  test("reports an empty message on an open connection", { timeout: 2_000 }, async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).reply(502);
    await expect(connection).rejects.toThrow("The engine answered 502 to POST /containers/c/attach");
  });

  // The engine sends answers above 2 KiB in chunks.
  test("reports a whole chunked message on an open connection", { timeout: 2_000 }, async () => {
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

  test("retries with the engine's version if the requested version is refused", { timeout: 2_000 }, async () => {
    await using engine = await fakeEngine({ version: "1.41" });
    const { connection, held } = attach(engine);
    (await held).upgrade().end("hello");
    using open = await connection;
    expect(await readAll(open)).toBe("hello");
    expect(engine.requests.map(({ version }) => version)).toEqual(["1.44", "1.41"]);
  });
});

describe("rejects an answer that is not the engine's", () => {
  test("rejects a head without an end", async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).socket.end("x".repeat(70_000));
    await expect(connection).rejects.toMatchObject({ name: "OneoffError" });
  });

  // Some proxies replace a 101 by this. The stream would last until a command exits that is never started.
  test("does not wait for the end of a 200 with a stream", { timeout: 2_000 }, async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n");
    await connection.then(
      (open) => open[Symbol.dispose](),
      (error) => expect(error).toMatchObject({ name: "OneoffError" }),
    );
  });
});

describe("handles a broken connection", () => {
  test("treats a reset by a container with unread stdin as the end", async () => {
    await using engine = await fakeEngine();
    const { connection, exchange } = await attached(engine);
    using open = connection;
    const all = readAll(open);
    const broken = once(open.socket, "error");
    // More than the other side reads ahead: closing a socket with unread bytes makes the kernel reset it.
    open.socket.write(Buffer.alloc(1024 * 1024));
    await expect.poll(() => exchange.socket.readableLength).toBeGreaterThan(0);
    exchange.socket.destroy();
    expect(await all).toBe("");
    expect((await broken)[0].code).toMatch(/^ECONNRESET$|^EPIPE$/);
  });

  test("fails a write after the other side has closed", async () => {
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
  ])("fails if the connection closes %s", async (_when, sent) => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    (await held).socket.end(sent);
    await expect(connection).rejects.toMatchObject({
      code: "engine-unreachable",
      message: `Cannot reach the engine at ${engine.socketPath}: it closed the connection without an answer`,
    });
  });

  test("closes its side if the connection closes before any answer", { timeout: 2_000 }, async () => {
    await using engine = await fakeEngine();
    const { connection, held } = attach(engine);
    const { socket } = await held;
    const closed = once(socket, "close");
    socket.resume().end();
    await expect(connection).rejects.toMatchObject({ code: "engine-unreachable" });
    await closed;
  });

  test("fails if no engine listens", async () => {
    const transport = openTransport(() => ({ socketPath: "/tmp/none.sock", from: "--host" }));
    await expect(hijack(transport, request)).rejects.toMatchObject({
      code: "engine-unreachable",
      message: "Cannot reach the engine at /tmp/none.sock: no such socket",
    });
  });
});

test("pauses when the reader pauses, and delivers everything after it resumes", async () => {
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
  // The rest remains with the engine: it exceeds the kernel's buffers.
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

test("reuses the same memory for all chunks", async () => {
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
