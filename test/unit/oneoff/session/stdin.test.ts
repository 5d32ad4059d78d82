import { Buffer } from "node:buffer";
import { describe, expect, test, vi } from "vitest";
import { resizeContainer } from "../../../../src/engine/containers.ts";
import { hijack } from "../../../../src/engine/hijack.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { syncTtySize } from "../../../../src/oneoff/session/resize.ts";
import { forwardKeys } from "../../../../src/oneoff/session/stdin.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";

const RESIZE = "POST /containers/c/resize";

describe("the size of the command's TTY", () => {
  const scene = async (size?: { rows: number; columns: number }) => {
    const engine = await fakeEngine();
    const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    const terminal = fakeTerminal(size ? { size } : {});
    return {
      engine,
      terminal,
      follow: (again?: number[]) => syncTtySize(terminal, (size) => resizeContainer(transport, "c", size), again),
      /** Resolves when earlier requests have been answered: the fake engine answers another request. */
      async settle() {
        for (let n = 0; n < 3; n += 1) {
          engine.on("GET /_ping", 200);
          await (await transport.send({ method: "GET", path: "/_ping" })).drop();
        }
      },
      async [Symbol.asyncDispose]() {
        await transport[Symbol.asyncDispose]();
        await engine[Symbol.asyncDispose]();
      },
    };
  };

  test("sets the size at once and on every change", async () => {
    await using s = await scene({ rows: 24, columns: 80 });
    const first = s.engine.on(RESIZE, 200);
    using _following = s.follow();
    expect((await first).query).toEqual({ h: "24", w: "80" });
    await s.settle();
    const second = s.engine.on(RESIZE, 200);
    s.terminal.resize({ rows: 50, columns: 132 });
    expect((await second).query).toEqual({ h: "50", w: "132" });
  });

  test("repeats the size for an engine that may have lost it", async () => {
    await using s = await scene({ rows: 24, columns: 80 });
    const twice = () => Promise.all([s.engine.on(RESIZE, 200), s.engine.on(RESIZE, 200)]);
    const first = twice();
    using _following = s.follow([20]);
    expect((await first).map(({ query }) => query)).toEqual(Array(2).fill({ h: "24", w: "80" }));
    await s.settle();
    const second = twice();
    s.terminal.resize({ rows: 50, columns: 132 });
    expect((await second).map(({ query }) => query)).toEqual(Array(2).fill({ h: "50", w: "132" }));
  });

  test("retries the resize while the command starts", async () => {
    await using s = await scene({ rows: 24, columns: 80 });
    s.engine.on(RESIZE, 409, { message: "container c is not running" });
    s.engine.on(RESIZE, 500, { message: "no such exec" });
    const third = s.engine.on(RESIZE, 200);
    using _following = s.follow();
    expect((await third).query).toEqual({ h: "24", w: "80" });
  });

  test("gives up when the engine refuses the resize", async () => {
    await using s = await scene({ rows: 24, columns: 80 });
    const refused = s.engine.on(RESIZE, 404, { message: "No such container: c" });
    using _following = s.follow();
    await refused;
  });

  test("sends no size until the terminal has one", async () => {
    await using s = await scene();
    using _following = s.follow();
    await s.settle();
    const set = s.engine.on(RESIZE, 200);
    s.terminal.resize({ rows: 3, columns: 4 });
    expect((await set).query).toEqual({ h: "3", w: "4" });
  });

  test("sends one resize at a time and ends with the latest size", { timeout: 2_000 }, async () => {
    await using s = await scene({ rows: 10, columns: 10 });
    const first = s.engine.on(RESIZE);
    using _following = s.follow();
    const held = await first;
    for (const rows of [20, 30, 40]) s.terminal.resize({ rows, columns: 10 });
    expect(s.engine.lines).toEqual([`${RESIZE}?h=10&w=10`]);
    const last = s.engine.on(RESIZE, 200);
    held.reply(200);
    expect((await last).query).toEqual({ h: "40", w: "10" });
  });

  test("sends no size after disposal", async () => {
    await using s = await scene({ rows: 10, columns: 10 });
    const first = s.engine.on(RESIZE, 200);
    {
      using _following = s.follow();
      await first;
    }
    expect(s.terminal.listeners).toBe(0);
  });
});

describe("forwarding keys", () => {
  const scene = async () => {
    const engine = await fakeEngine();
    const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    const held = engine.on("POST /containers/c/attach");
    const attaching = hijack(transport, { path: "/containers/c/attach" });
    const socket = (await held).upgrade();
    const terminal = fakeTerminal({ input: "terminal" });
    return {
      terminal,
      socket,
      connection: await attaching,
      onDetach: vi.fn(),
      onHangup: vi.fn(),
      async [Symbol.asyncDispose]() {
        await transport[Symbol.asyncDispose]();
        await engine[Symbol.asyncDispose]();
      },
    };
  };

  test("waits while the connection is full and forwards all keys", async () => {
    await using s = await scene();
    using connection = s.connection;
    using _typing = forwardKeys(s.terminal, connection, Buffer.from("\x10\x11"), s.onDetach, s.onHangup);
    const pasted = Buffer.from("0123456789\r".repeat(200_000));
    for (let at = 0; at < pasted.length; at += 60_000) s.terminal.stdin.write(pasted.subarray(at, at + 60_000));
    await expect.poll(() => s.terminal.stdin.isPaused()).toBe(true);
    const chunks: Buffer[] = [];
    s.socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    await expect.poll(() => Buffer.concat(chunks).length).toBe(pasted.length);
    expect(Buffer.concat(chunks).equals(pasted)).toBe(true);
    expect(s.onDetach).not.toHaveBeenCalled();
  });

  test("forwards the possible beginning of the detach keys after a moment", async () => {
    await using s = await scene();
    using connection = s.connection;
    using _typing = forwardKeys(s.terminal, connection, Buffer.from("\x10\x11"), s.onDetach, s.onHangup);
    const chunks: Buffer[] = [];
    s.socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    s.terminal.stdin.write("\x10");
    await expect.poll(() => Buffer.concat(chunks).toString()).toBe("\x10");
    s.terminal.stdin.write("ls\x10\x11");
    await expect.poll(() => s.onDetach.mock.calls.length).toBe(1);
    await expect.poll(() => Buffer.concat(chunks).toString()).toBe("\x10ls");
  });

  test("ignores that the command has exited while keys are forwarded", async () => {
    await using s = await scene();
    using connection = s.connection;
    using _typing = forwardKeys(s.terminal, connection, Buffer.alloc(0), s.onDetach, s.onHangup);
    const over = connection.read(() => true);
    s.socket.destroy();
    await over;
    s.terminal.stdin.write("anybody?");
    await expect.poll(() => connection.socket.destroyed).toBe(true);
    s.terminal.stdin.write("nobody.");
    expect(s.onHangup).not.toHaveBeenCalled();
  });

  test.each(["end", "error"])("stops forwarding keys when the terminal closes with an %s", async (how) => {
    await using s = await scene();
    using connection = s.connection;
    using _typing = forwardKeys(s.terminal, connection, Buffer.alloc(0), s.onDetach, s.onHangup);
    if (how === "end") s.terminal.stdin.end();
    else s.terminal.stdin.destroy(new Error("read EIO"));
    await expect.poll(() => s.onHangup.mock.calls.length).toBe(1);
  });

  test("neither reads keys nor reports a hangup after disposal", async () => {
    await using s = await scene();
    using connection = s.connection;
    forwardKeys(s.terminal, connection, Buffer.alloc(0), s.onDetach, s.onHangup)[Symbol.dispose]();
    expect(s.terminal.stdin.destroyed).toBe(true);
    s.terminal.stdin.emit("error", new Error("read EIO"));
    s.terminal.stdin.emit("end");
    expect(s.onHangup).not.toHaveBeenCalled();
  });
});
