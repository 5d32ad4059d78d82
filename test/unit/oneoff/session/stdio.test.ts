import { Buffer } from "node:buffer";
import { once } from "node:events";
import { Writable } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { hijack } from "../../../../src/engine/hijack.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { attachStdio, type StdioTarget } from "../../../../src/oneoff/session/stdio.ts";
import type { ByteSource } from "../../../../src/streams/pump.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { FakeSource } from "../../../support/fake-source.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";
import { frame } from "../../../support/frame.ts";
import { atTerminal } from "../../../support/session-scene.ts";
import { SlowOutput } from "../../../support/slow-output.ts";

async function scene(process: Partial<StdioTarget> & { stdin?: boolean } = {}, terminal = fakeTerminal()) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const held = engine.on("POST /containers/c/attach");
  const attaching = hijack(transport, { path: "/containers/c/attach" });
  const socket = (await held).upgrade();
  const connection = await attaching;
  const output = new FakeSource();
  const { stdin = false, tty = false, output: brings = output } = process;
  const ends = { onHangup: vi.fn(), onBroken: vi.fn() };
  const input = stdin ? connection : undefined;
  const stdio = attachStdio(terminal, { output: brings, input, tty, detachKeys: Buffer.from("\x10\x11") }, ends);
  return {
    ...{ terminal, socket, output, stdio, ends },
    begin: () => stdio.begin(async () => {}),
    async [Symbol.asyncDispose]() {
      stdio[Symbol.dispose]();
      connection[Symbol.dispose]();
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

const size = { rows: 24, columns: 80 };
const soon = () => new Promise((resolve) => setImmediate(resolve, "not yet"));

describe("output", () => {
  test("separates stdout and stderr without a TTY", async () => {
    await using s = await scene();
    s.output.bring(Buffer.concat([frame(1, "out"), frame(2, "err")]));
    s.output.end();
    await s.stdio.output;
    expect([s.terminal.out, s.terminal.err]).toEqual(["out", "err"]);
  });

  test("writes raw output with a TTY", async () => {
    await using s = await scene({ tty: true }, atTerminal());
    s.output.bring(frame(2, "raw"));
    s.output.end();
    await s.stdio.output;
    expect(s.terminal.out).toBe(frame(2, "raw").toString());
  });

  test("makes the terminal raw before waiting output is written", async () => {
    const raw: boolean[] = [];
    const stdout = new Writable({
      write(_chunk, _encoding, done) {
        raw.push(terminal.isRaw);
        done();
      },
    });
    const terminal = fakeTerminal({ input: "terminal", outputIsTerminal: true, size }, { stdout });
    const output: ByteSource = { read: async (reader) => void reader(Buffer.from("$ ")), resume() {} };
    await using s = await scene({ tty: true, stdin: true, output }, terminal);
    await s.stdio.output;
    expect(raw).toEqual([true]);
  });

  test("rejects output that breaks off, without an unhandled rejection", async () => {
    await using s = await scene();
    s.output.break(new Error("it broke"));
    await soon();
    await expect(s.stdio.output).rejects.toThrow("it broke");
  });

  test("writes output that arrived before disposal", async () => {
    await using s = await scene();
    s.stdio[Symbol.dispose]();
    s.output.bring(frame(1, "late"));
    s.output.end();
    await s.stdio.output;
    expect(s.terminal.out).toBe("late");
  });
});

test("reports the first of two outputs that break, once", async () => {
  const [stdout, stderr] = [new SlowOutput(), new SlowOutput()];
  await using s = await scene({}, fakeTerminal({}, { stdout, stderr }));
  expect(s.stdio.broken).toBeUndefined();
  s.output.bring(Buffer.concat([frame(1, "out"), frame(2, "err")]));
  stderr.breakWith("ENOSPC");
  await expect.poll(() => s.stdio.broken).toMatchObject({ channel: "stderr", error: { code: "ENOSPC" } });
  stdout.breakWith("EPIPE");
  await soon();
  s.output.end();
  await s.stdio.output;
  expect(s.stdio.broken).toMatchObject({ channel: "stderr" });
  expect(s.ends.onBroken.mock.calls).toEqual([[s.stdio.broken]]);
  expect(s.ends.onHangup).not.toHaveBeenCalled();
});

describe("input", () => {
  test("forwards keys from a raw terminal until disposal", async () => {
    await using s = await scene({ tty: true, stdin: true }, atTerminal());
    expect(s.terminal.isRaw).toBe(true);
    s.begin();
    s.terminal.stdin.write("ls\r");
    expect((await once(s.socket, "data"))[0].toString()).toBe("ls\r");
    s.stdio[Symbol.dispose]();
    expect(s.terminal.isRaw).toBe(false);
    expect(s.terminal.stdin.destroyed).toBe(true);
    expect(s.ends.onHangup).not.toHaveBeenCalled();
  });

  test("stops forwarding keys at the detach keys", async () => {
    await using s = await scene({ tty: true, stdin: true }, atTerminal());
    s.begin();
    expect(await Promise.race([s.stdio.detached, soon()])).toBe("not yet");
    s.terminal.stdin.write("x\x10\x11y");
    await s.stdio.detached;
    expect((await once(s.socket, "data"))[0].toString()).toBe("x");
  });

  test("reports a hangup when stdin closes with the terminal", async () => {
    await using s = await scene({ tty: true, stdin: true }, atTerminal());
    s.begin();
    s.terminal.stdin.end();
    await expect.poll(() => s.ends.onHangup.mock.calls).toHaveLength(1);
  });

  test("forwards EOF of a pipe and ignores detach keys in it", async () => {
    await using s = await scene({ stdin: true }, fakeTerminal({ input: "stream" }));
    s.begin();
    s.terminal.stdin.end("\x10\x11");
    expect((await once(s.socket, "data"))[0].toString()).toBe("\x10\x11");
    await once(s.socket, "end");
    expect(await Promise.race([s.stdio.detached, soon()])).toBe("not yet");
    expect(s.ends.onHangup).not.toHaveBeenCalled();
    expect(s.terminal.isRaw).toBe(false);
  });

  test("does not open a stdin that is not attached", async () => {
    const terminal = atTerminal();
    Object.defineProperty(terminal, "stdin", { get: () => expect.fail("stdin was touched") });
    await using s = await scene({ tty: true }, terminal);
    s.begin();
    expect(s.terminal.isRaw).toBe(false);
  });

  test("does not read stdin before the command runs", async () => {
    const terminal = atTerminal();
    Object.defineProperty(terminal, "stdin", { get: () => expect.fail("stdin was touched") });
    await using s = await scene({ tty: true, stdin: true }, terminal);
    await soon();
    expect(s.terminal.isRaw).toBe(true);
  });
});

describe("the size of the terminal", () => {
  test("sets the size once the command runs, until disposal", async () => {
    await using s = await scene({ tty: true }, atTerminal(size));
    const resize = vi.fn(async () => {});
    expect(s.terminal.listeners).toBe(0);
    s.stdio.begin(resize);
    s.terminal.resize({ rows: 50, columns: 132 });
    await expect.poll(() => resize.mock.calls).toEqual([[size], [{ rows: 50, columns: 132 }]]);
    s.stdio[Symbol.dispose]();
    s.terminal.resize(size);
    await soon();
    expect(resize).toHaveBeenCalledTimes(2);
  });

  test("sets no size without a TTY", async () => {
    await using s = await scene({}, atTerminal(size));
    const resize = vi.fn(async () => {});
    s.stdio.begin(resize);
    s.terminal.resize({ rows: 50, columns: 132 });
    await soon();
    expect(resize).not.toHaveBeenCalled();
  });
});
