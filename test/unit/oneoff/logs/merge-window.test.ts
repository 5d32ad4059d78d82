import { expect, test } from "vitest";
import type { OutputLine } from "../../../../src/oneoff/logs/log-lines.ts";
import { MergeWindow } from "../../../../src/oneoff/logs/merge-window.ts";

const line = (time: string, text = time): OutputLine => ({
  ...{ source: "app", app: "my-app", name: "web.1", containerId: "c", stream: "stdout", time, text },
});

/** A window whose clock the test sets, and the texts that it has written. */
function scene() {
  const written: string[] = [];
  const clock = { now: 0 };
  const writes = { isBlocked: false, resume: () => {} };
  const window = new MergeWindow(
    async (lines) => {
      for (const one of lines) written.push(one.source === "app" ? one.text : "");
      if (writes.isBlocked) await new Promise<void>((resolve) => Object.assign(writes, { resume: resolve }));
    },
    () => clock.now,
  );
  const failures: unknown[] = [];
  const push = (container: string, ...lines: OutputLine[]) =>
    window.push(container, lines, (error) => failures.push(error));
  return { window, written, clock, writes, failures, push, [Symbol.dispose]: () => window[Symbol.dispose]() };
}

test("sorts lines that arrive within the window, and keeps the order of each container", async () => {
  using s = scene();
  await s.push("a", line("1"), line("5"), line("3", "a's"));
  await s.push("b", line("2"), line("4"));
  expect(s.written).toEqual([]);
  await s.window.flush();
  expect(s.written).toEqual(["1", "2", "4", "5", "a's"]);
});

test("writes lines after the window by itself, with older ones that have arrived since", async () => {
  using s = scene();
  await s.push("a", line("2"), line("3"));
  s.clock.now = 1;
  await s.push("b", line("1"), line("4"));
  await expect.poll(() => s.written).toEqual(["1", "2", "3"]);
  s.clock.now = 2;
  await expect.poll(() => s.written).toEqual(["1", "2", "3", "4"]);
});

test("waits for earlier output of a container, but not for longer than 2 s", async () => {
  using s = scene();
  s.window.expect("b", "1");
  await s.push("a", line("5"));
  s.clock.now = 1;
  await s.push("b", line("2"), line("3"));
  s.clock.now = 1.2;
  await expect.poll(() => s.written).toEqual(["2", "3"]);
  s.clock.now = 1.5;
  await s.push("b", line("4"));
  s.window.caughtUp("b");
  s.clock.now = 1.7;
  await expect.poll(() => s.written).toEqual(["2", "3", "4", "5"]);
  s.window.expect("b", "6");
  await s.push("a", line("7"));
  s.clock.now = 4;
  await expect.poll(() => s.written).toEqual(["2", "3", "4", "5", "7"]);
});

test("blocks a container with a megabyte that cannot be written, and no other one", async () => {
  using s = scene();
  s.writes.isBlocked = true;
  const long = line("1", "x".repeat(1_000_000));
  let blocked = true;
  const pushed = s.push("a", long).then(() => {
    blocked = false;
  });
  await expect.poll(() => s.written.length).toBe(1);
  await s.push("b", line("2"));
  expect(blocked).toBe(true);
  s.writes.isBlocked = false;
  s.writes.resume();
  await pushed;
  await s.window.flush();
  expect(s.written.at(-1)).toBe("2");
});

test("reports lines that cannot be written", async () => {
  const failures: unknown[] = [];
  using window = new MergeWindow(() => Promise.reject(new Error("no space")));
  await window.push("a", [line("1")], (error) => failures.push(error));
  await expect.poll(() => failures).toEqual([new Error("no space")]);
});
