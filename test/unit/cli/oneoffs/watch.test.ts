import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watch } from "../../../../src/cli/oneoffs/watch.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const atTerminal = (rows = 24) =>
  fakeTerminal({ input: "terminal", outputIsTerminal: true, size: { rows, columns: 80 } });
const frames = (out: string) => out.split("\x1b[H").slice(1);

test("redraws every second in place, until ^C", async () => {
  const terminal = atTerminal();
  let drawn = 0;
  const watching = watch(terminal, async () => `frame ${++drawn}\nmore\n`);
  await vi.advanceTimersByTimeAsync(999);
  expect(drawn).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(drawn).toBe(2);
  terminal.signal("SIGINT");
  expect(await watching).toBe(130);
  expect(terminal.out).toBe(
    `\x1b[?1049h\x1b[?25l${[1, 2].map((n) => `\x1b[H\x1b[Kframe ${n}\r\n\x1b[Kmore\x1b[J`).join("")}\x1b[?25h\x1b[?1049l`,
  );
  expect(terminal.listeners).toBe(0);
});

test.each([
  ["q", 0],
  ["\x03", 130],
  ["\x1c", 131],
  ["xq", 0],
])("returns from watch on the key %j with %i, and leaves raw mode", async (key, code) => {
  const terminal = atTerminal();
  const watching = watch(terminal, async () => "frame");
  await vi.advanceTimersByTimeAsync(0);
  expect(terminal.isRaw).toBe(true);
  terminal.stdin.write(key);
  expect(await watching).toBe(code);
  expect(terminal.isRaw).toBe(false);
  expect(terminal.listeners + terminal.stdin.listenerCount("data")).toBe(0);
});

test("does not read keys from a stdin that is no terminal", async () => {
  const terminal = fakeTerminal({ input: "stream", outputIsTerminal: true });
  const watching = watch(terminal, async () => "frame");
  terminal.stdin.write("q");
  await vi.advanceTimersByTimeAsync(1000);
  expect(frames(terminal.out)).toHaveLength(2);
  expect(terminal.isRaw).toBe(false);
  terminal.signal("SIGINT");
  expect(await watching).toBe(130);
});

test.each([
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("returns from watch on %s with %i, also during a request", async (signal, code) => {
  const terminal = atTerminal();
  const watching = watch(terminal, () => new Promise<string>(() => {}));
  terminal.signal(signal);
  expect(await watching).toBe(code);
});

test("suspends oneoff on ^Z, and ignores other signals", async () => {
  const terminal = atTerminal();
  const watching = watch(terminal, async () => "");
  await vi.advanceTimersByTimeAsync(0);
  terminal.signal("SIGTSTP");
  terminal.signal("SIGUSR1");
  terminal.stdin.write("\x1a");
  await vi.advanceTimersByTimeAsync(0);
  expect(terminal.suspended).toBe(2);
  expect(terminal.out.match(/\x1b\[\?1049[hl]/g)?.join("")).toBe(
    "\x1b[?1049h\x1b[?1049l\x1b[?1049h\x1b[?1049l\x1b[?1049h",
  );
  await vi.advanceTimersByTimeAsync(1000);
  expect(frames(terminal.out)).toHaveLength(2);
  terminal.signal("SIGINT");
  await watching;
});

test("cuts frames to the height of the terminal, also after a resize", async () => {
  const terminal = atTerminal(3);
  const watching = watch(terminal, async () => "1\n2\n3\n4\n");
  await vi.advanceTimersByTimeAsync(0);
  terminal.resize({ rows: 6, columns: 80 });
  await vi.advanceTimersByTimeAsync(1000);
  terminal.signal("SIGINT");
  await watching;
  expect(frames(terminal.out).map((frame) => frame.replaceAll(/\x1b\[\??\d*[A-Za-z]|\r/g, "").split("\n"))).toEqual([
    ["1", "2", "… 2 more"],
    ["1", "2", "3", "4"],
  ]);
});

test("removes its listeners when a frame fails", async () => {
  const terminal = atTerminal();
  await expect(watch(terminal, () => Promise.reject(new Error("lost")))).rejects.toThrow("lost");
  expect(terminal.listeners).toBe(0);
});
