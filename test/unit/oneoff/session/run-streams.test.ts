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

describe("our own output", () => {
  test.each(["stdout", "stderr"] as const)(
    "%s whose reader has gone stops the command, says nothing, and is 141",
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

  test("that cannot be written for another reason is a failure, told with the reason", async () => {
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

test("a slow reader makes the command wait, and finds all of its output", async () => {
  const stdout = new SlowOutput();
  await using s = await scene({ terminal: fakeTerminal({}, { stdout }) });
  const { code, socket, exit } = await running(s);
  const lines = Buffer.from(Array.from({ length: 2_000_000 }, (_, n) => `${n}\n`).join(""));
  for (let at = 0; at < lines.length; at += 32 * 1024) socket.write(frame(1, lines.subarray(at, at + 32 * 1024)));
  socket.end();
  exit(0);
  await expect.poll(() => stdout.writableLength).toBeGreaterThan(8 * 1024 * 1024);
  await s.settle();
  // What we have not taken is still with the engine.
  expect(stdout.writableLength).toBeLessThan(9 * 1024 * 1024);
  expect(socket.writableLength).toBeGreaterThan(1024 * 1024);
  stdout.release();
  expect(await code).toBe(0);
  expect(stdout.bytes.equals(lines)).toBe(true);
});

describe("stdin", () => {
  test("reaches the command to its end, which is half of the connection's", async () => {
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

  test("that is a pipe reaches the command to its end, too, none of it overwritten", async () => {
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

  test("that is a pipe nobody reads waits, and is let go of with the command", async () => {
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

  test("is sent nowhere before the attach is acknowledged", async () => {
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

  test("that nobody reads is no failure, and is let go of", async () => {
    await using s = await scene({ terminal: fakeTerminal({ input: "stream" }) });
    const { code, socket, exit } = await running(s);
    s.terminal.stdin.write(Buffer.alloc(1024 * 1024));
    await expect.poll(() => socket.readableLength).toBeGreaterThan(0);
    // Unread bytes make this a reset.
    socket.destroy();
    exit(0);
    expect(await code).toBe(0);
    expect(s.terminal.stdin.destroyed).toBe(true);
  });

  test("that cannot be read has ended", async () => {
    await using s = await scene({ terminal: fakeTerminal({ input: "stream" }) });
    const { code, socket, exit } = await running(s);
    await expect.poll(() => s.terminal.stdin.listenerCount("error")).toBeGreaterThan(0);
    s.terminal.stdin.destroy(Object.assign(new Error("read EIO"), { code: "EIO" }));
    expect((await readHalf(socket)).toString()).toBe("");
    socket.end();
    exit(0);
    expect(await code).toBe(0);
  });

  test("is not touched when there is nothing on it", async () => {
    const terminal = fakeTerminal();
    Object.defineProperty(terminal, "stdin", { get: () => expect.fail("stdin was touched") });
    await using s = await scene({ terminal });
    const { code, socket, exit } = await running(s);
    socket.end();
    exit(0);
    expect(await code).toBe(0);
  });
});

describe("at a terminal", () => {
  test("what is typed reaches the command, and what it writes comes as it is", async () => {
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

  test("it is raw from the attach on, and cooked again when all is over", async () => {
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

  test("it is cooked again before a failure is told", async () => {
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

  test("it is cooked again before a lost engine is asked what became of the command", async () => {
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

  test("the detach keys leave the command running, with 0", async () => {
    await using s = await scene({ terminal: atTerminal() });
    const { code, socket } = await running(s);
    const rename = s.engine.on(RENAME, 204);
    const closed = once(socket, "close");
    s.terminal.stdin.write("x\x10\x11never typed");
    expect(await code).toBe(0);
    expect(s.routes).not.toContain(REMOVE);
    expect(s.routes).not.toContain(STOP);
    expect(s.events.at(-1)).toEqual({ type: "still-running", name: "run.1000" });
    // Whoever reaps what has lost its owner is to leave it alone.
    expect((await rename).query).toEqual({ name: "my-app.run.1000.left" });
    expect(s.terminal.stdin.destroyed).toBe(true);
    expect((await readHalf(socket)).toString()).toBe("x");
    socket.end();
    await closed;
  });

  test.each([
    ["has just ended", 404, "No such container: c", []],
    [
      "has such a name already",
      409,
      "name in use",
      [{ type: "warning", message: "my-app.run.1000 could not be renamed: name in use" }],
    ],
  ])("one that %s as it is left is left all the same", async (_what, status, message, told) => {
    await using s = await scene({ terminal: atTerminal() });
    const { code } = await running(s);
    s.engine.on(RENAME, status, { message });
    s.terminal.stdin.write("\x10\x11");
    expect(await code).toBe(0);
    expect(s.events.slice(1)).toEqual([{ type: "still-running", name: "run.1000" }, ...told]);
  });

  test("what is said of a command that was left is said to a cooked terminal", async () => {
    const terminal = atTerminal();
    await using s = await scene({ terminal });
    const said: string[] = [];
    s.events.push = (event: Event) => said.push(`${event.type}, ${terminal.isRaw ? "raw" : "cooked"}`);
    const { code } = await running(s);
    s.engine.on(RENAME, 204);
    terminal.stdin.write("\x10\x11");
    await code;
    expect(said).toEqual(["running, cooked", "still-running, cooked"]);
  });

  test("a terminal that goes away stops the command", async () => {
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
