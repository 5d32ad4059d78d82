import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { watch } from "../../../../src/cli/oneoffs/watch.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const atTerminal = (rows = 24) => fakeTerminal({ outputIsTerminal: true, size: { rows, columns: 80 } });
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
    "\x1b[Hframe 1\x1b[K\nmore\x1b[K\n\x1b[K\x1b[J\x1b[Hframe 2\x1b[K\nmore\x1b[K\n\x1b[K\x1b[J\n",
  );
  expect(terminal.listeners).toBe(0);
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
  expect(terminal.suspended).toBe(1);
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
  expect(frames(terminal.out).map((frame) => frame.match(/\d/g))).toEqual([
    ["1", "2"],
    ["1", "2", "3", "4"],
  ]);
});

test("removes its listeners when a frame fails", async () => {
  const terminal = atTerminal();
  await expect(watch(terminal, () => Promise.reject(new Error("lost")))).rejects.toThrow("lost");
  expect(terminal.listeners).toBe(0);
});
