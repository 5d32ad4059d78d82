import { Buffer } from "node:buffer";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { Event } from "../../../../src/output/events.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";
import { frame } from "../../../support/frame.ts";
import { readHalf } from "../../../support/read-half.ts";
import {
  ATTACH,
  atTerminal,
  CREATE,
  INSPECT,
  REMOVE,
  RENAME,
  RESIZE,
  running,
  START,
  STOP,
  scene,
  WAIT,
} from "../../../support/session-scene.ts";
import { SlowOutput } from "../../../support/slow-output.ts";

describe("output of a run", () => {
  test.each(["stdout", "stderr"] as const)(
    "stops the command and returns 141 without a message when the reader closes %s",
    async (channel) => {
      const output = new SlowOutput();
      await using s = await scene({ terminal: fakeTerminal({}, { [channel]: output }) });
      const { code, socket, exit } = await running(s);
      const stop = s.engine.on(STOP, 204);
      output.breakWith("EPIPE");
      expect((await stop).query).toEqual({ t: "10" });
      socket.write(Buffer.concat([frame(1, "more"), frame(2, "more")]));
      socket.end();
      exit(137);
      expect(await code).toBe(141);
    },
  );

  test("fails with the cause when the output cannot be written", async () => {
    const stdout = new SlowOutput();
    await using s = await scene({ terminal: fakeTerminal({}, { stdout }) });
    const { code, socket, exit } = await running(s);
    const stop = s.engine.on(STOP, 204);
    stdout.breakWith("ENOSPC");
    await stop;
    socket.end();
    exit(143);
    expect(await code).toMatchObject({
      code: "output-failed",
      message: "Cannot write to stdout: write ENOSPC; the command was stopped",
    });
  });
});

test("blocks the command while the reader is slow, and writes all output", async () => {
  const stdout = new SlowOutput();
  await using s = await scene({ terminal: fakeTerminal({}, { stdout }) });
  const { code, socket, exit } = await running(s);
  const lines = Buffer.from(Array.from({ length: 2_000_000 }, (_, n) => `${n}\n`).join(""));
  for (let at = 0; at < lines.length; at += 32 * 1024) socket.write(frame(1, lines.subarray(at, at + 32 * 1024)));
  socket.end();
  exit(0);
  await expect.poll(() => stdout.writableLength).toBeGreaterThan(8 * 1024 * 1024);
  await s.settle();
  // Output that was not read is still in the engine's buffers.
  expect(stdout.writableLength).toBeLessThan(9 * 1024 * 1024);
  expect(socket.writableLength).toBeGreaterThan(1024 * 1024);
  stdout.release();
  expect(await code).toBe(0);
  expect(stdout.bytes.equals(lines)).toBe(true);
});

describe("stdin", () => {
  test("forwards stdin and closes half of the connection on EOF", async () => {
    await using s = await scene({ terminal: fakeTerminal({ input: "stream" }) });
    s.terminal.stdin.write("first ");
    const { code, socket, exit } = await running(s);
    s.terminal.stdin.end("and last");
    expect((await readHalf(socket)).toString()).toBe("first and last");
    socket.end(frame(1, "read it all"));
    exit(0);
    expect(await code).toBe(0);
    expect(s.terminal.out).toBe("read it all");
  });

  test("forwards a pipe up to EOF without overwriting a chunk in use", async () => {
    const terminal = fakeTerminal({ input: "pipe" });
    await using s = await scene({ terminal });
    const { code, socket, exit } = await running(s);
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, n) => `${n}\n`).join(""));
    const arrived = readHalf(socket);
    await expect.poll(() => terminal.pipe.isRead).toBe(true);
    await terminal.pipe.bringAll(sent);
    terminal.pipe.end();
    expect((await arrived).equals(sent)).toBe(true);
    socket.end();
    exit(0);
    expect(await code).toBe(0);
    expect(terminal.pipe.disposed).toBe(true);
  });

  test("stops reading a pipe that the command does not read, and closes it on exit", async () => {
    const terminal = fakeTerminal({ input: "pipe" });
    await using s = await scene({ terminal });
    const { code, socket, exit } = await running(s);
    await expect.poll(() => terminal.pipe.isRead).toBe(true);
    while (!terminal.pipe.paused) terminal.pipe.bring(Buffer.alloc(64 * 1024));
    socket.destroy();
    exit(0);
    expect(await code).toBe(0);
    expect(terminal.pipe.disposed).toBe(true);
  });

  test("sends no stdin before the attach is acknowledged", async () => {
    await using s = await scene({ terminal: fakeTerminal({ input: "stream" }) });
    s.terminal.stdin.end("eager");
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START, 204)];
    const code = s.run();
    const held = await attach;
    const answer = (await wait).acknowledge();
    const before = held.socket.bytesRead;
    await s.settle();
    expect(held.socket.bytesRead).toBe(before);
    expect(held.socket.readableLength).toBe(0);
    const socket = held.upgrade();
    expect((await readHalf(socket)).toString()).toBe("eager");
    await start;
    socket.end();
    answer.end('{"StatusCode":0}');
    expect(await code).toBe(0);
  });

  test("exits without an error when the command does not read stdin", async () => {
    await using s = await scene({ terminal: fakeTerminal({ input: "stream" }) });
    const { code, socket, exit } = await running(s);
    s.terminal.stdin.write(Buffer.alloc(1024 * 1024));
    await expect.poll(() => socket.readableLength).toBeGreaterThan(0);
    // Unread bytes reset the connection.
    socket.destroy();
    exit(0);
    expect(await code).toBe(0);
    expect(s.terminal.stdin.destroyed).toBe(true);
  });

  test("takes a stdin that cannot be read for EOF", async () => {
    await using s = await scene({ terminal: fakeTerminal({ input: "stream" }) });
    const { code, socket, exit } = await running(s);
    await expect.poll(() => s.terminal.stdin.listenerCount("error")).toBeGreaterThan(0);
    s.terminal.stdin.destroy(Object.assign(new Error("read EIO"), { code: "EIO" }));
    expect((await readHalf(socket)).toString()).toBe("");
    socket.end();
    exit(0);
    expect(await code).toBe(0);
  });

  test("does not open an empty stdin", async () => {
    const terminal = fakeTerminal();
    Object.defineProperty(terminal, "stdin", { get: () => expect.fail("stdin was touched") });
    await using s = await scene({ terminal });
    const { code, socket, exit } = await running(s);
    socket.end();
    exit(0);
    expect(await code).toBe(0);
  });
});

describe("a run at a terminal", () => {
  test("forwards typed keys and writes raw output", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, socket, exit } = await running(s);
    s.terminal.stdin.write("ls\r");
    const [typed] = await once(socket, "data");
    expect(typed.toString()).toBe("ls\r");
    socket.end("\x1b[1mbin\x1b[0m\r\n");
    exit(0);
    expect(await code).toBe(0);
    expect(s.terminal.out).toBe("\x1b[1mbin\x1b[0m\r\n");
    expect(s.terminal.err).toBe("");
    expect(s.events).toEqual([{ type: "running", app: "my-app", name: "run.1000" }]);
    expect(s.engine.requests.find(({ path }) => path.endsWith("/attach"))?.query).toMatchObject({ stdin: "1" });
  });

  test("keeps the terminal raw from the attach to the exit", async () => {
    await using s = await scene({ terminal: atTerminal() });
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    const resized = s.engine.on(RESIZE, 200);
    const code = s.run();
    const held = await attach;
    await s.settle();
    expect(s.terminal.isRaw).toBe(false);
    const socket = held.upgrade();
    const answer = (await wait).acknowledge();
    (await start).reply(204);
    expect(s.terminal.isRaw).toBe(true);
    await resized;
    socket.end();
    answer.end('{"StatusCode":0}');
    expect(await code).toBe(0);
    expect(s.terminal.isRaw).toBe(false);
  });

  test("restores the terminal before it reports a failure", async () => {
    await using s = await scene({ terminal: atTerminal() });
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    s.engine.on(REMOVE, 204);
    const code = s.run();
    (await attach).upgrade();
    (await wait).acknowledge();
    (await start).reply(500, { message: "it broke" });
    expect(await code).toMatchObject({ message: "it broke" });
    expect(s.terminal.isRaw).toBe(false);
  });

  test("restores the terminal before it queries a lost engine", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const run = await running(s);
    const inspect = s.engine.on(INSPECT);
    run.socket.destroy();
    run.waiting.destroy();
    const held = await inspect;
    expect(s.terminal.isRaw).toBe(false);
    held.reply(200, { State: { Running: true } });
    expect(await run.code).toMatchObject({ code: "engine-lost" });
  });

  test("leaves the command running and returns 0 on the detach keys", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, socket } = await running(s);
    const rename = s.engine.on(RENAME, 204);
    const closed = once(socket, "close");
    s.terminal.stdin.write("x\x10\x11never typed");
    expect(await code).toBe(0);
    expect(s.routes).not.toContain(REMOVE);
    expect(s.routes).not.toContain(STOP);
    expect(s.events.at(-1)).toEqual({ type: "still-running", name: "run.1000" });
    // Reaping leaves a renamed container alone.
    expect((await rename).query).toEqual({ name: "my-app.run.1000.left" });
    expect(s.terminal.stdin.destroyed).toBe(true);
    expect((await readHalf(socket)).toString()).toBe("x");
    socket.end();
    await closed;
  });

  test.each([
    ["exits", 404, "No such container: c", []],
    [
      "cannot be renamed, since the name is in use,",
      409,
      "name in use",
      [{ type: "warning", message: "cannot rename my-app.run.1000: name in use" }],
    ],
  ])("detaches from a one-off that %s meanwhile", async (_what, status, message, warnings) => {
    await using s = await scene({ terminal: atTerminal() });
    const { code } = await running(s);
    s.engine.on(RENAME, status, { message });
    s.terminal.stdin.write("\x10\x11");
    expect(await code).toBe(0);
    expect(s.events.slice(1)).toEqual([{ type: "still-running", name: "run.1000" }, ...warnings]);
  });

  test("reports a detach on a restored terminal", async () => {
    const terminal = atTerminal();
    await using s = await scene({ terminal });
    const lines: string[] = [];
    s.events.push = (event: Event) => lines.push(`${event.type}, ${terminal.isRaw ? "raw" : "cooked"}`);
    const { code } = await running(s);
    s.engine.on(RENAME, 204);
    terminal.stdin.write("\x10\x11");
    await code;
    expect(lines).toEqual(["running, cooked", "still-running, cooked"]);
  });

  test("stops the command when the terminal closes", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, socket, exit } = await running(s);
    const stop = s.engine.on(STOP, 204);
    s.terminal.stdin.end();
    expect((await stop).query).toEqual({ t: "10" });
    socket.end();
    exit(129);
    expect(await code).toBe(129);
    expect(s.events.at(-1)).toEqual({ type: "stopping", name: "run.1000", reason: "hangup", stopTimeout: 10 });
  });
});
