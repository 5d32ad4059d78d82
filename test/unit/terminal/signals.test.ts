import { constants } from "node:os";
import { expect, test } from "vitest";
import { exitCodeOf, FORWARDED, onSignal } from "../../../src/terminal/signals.ts";
import { start } from "../../support/process.ts";

test("forwards every signal that users and programs send", () =>
  expect(FORWARDED).toEqual(
    expect.arrayContaining([
      "SIGHUP",
      "SIGINT",
      "SIGQUIT",
      "SIGTERM",
      "SIGUSR1",
      "SIGUSR2",
      "SIGALRM",
      "SIGCONT",
      "SIGTSTP",
    ]),
  ));

test.each([
  "SIGKILL",
  "SIGSTOP",
  "SIGCHLD",
  "SIGPIPE",
  "SIGURG",
  "SIGWINCH",
  "SIGSEGV",
  "SIGBUS",
  "SIGFPE",
  "SIGILL",
  "SIGABRT",
  "SIGIOT",
  "SIGTTIN",
  "SIGTTOU",
])("does not forward %s", (signal) => expect(FORWARDED).not.toContain(signal));

test("forwards a signal with two names once", () => {
  const numbers = FORWARDED.map((signal) => constants.signals[signal]);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test("receives all signals until the listener is removed", async () => {
  const before = process.listenerCount("SIGUSR2");
  const heard: string[] = [];
  {
    using _listening = onSignal((signal) => heard.push(signal));
    process.kill(process.pid, "SIGUSR2");
    await expect.poll(() => heard).toEqual(["SIGUSR2"]);
    expect(FORWARDED.filter((signal) => process.listenerCount(signal) === 0)).toEqual([]);
  }
  expect(process.listenerCount("SIGUSR2")).toBe(before);
});

test("lets a process end by a signal after the listener is removed", async () => {
  const module = new URL("../../../src/terminal/signals.ts", import.meta.url).href;
  const script = `const { onSignal } = await import(${JSON.stringify(module)});
    const listening = onSignal((signal) => { console.log(signal); listening[Symbol.dispose](); console.log("off"); });
    setInterval(() => {}, 1000);
    console.log("on");`;
  await using child = await start([process.execPath, "--input-type=module", "-e", script], { timeout: 60_000 });
  await expect.poll(() => child.stdout.toString(), { timeout: 60_000 }).toBe("on\n");
  process.kill(child.pid, "SIGTERM");
  await expect.poll(() => child.stdout.toString(), { timeout: 60_000 }).toBe("on\nSIGTERM\noff\n");
  process.kill(child.pid, "SIGTERM");
  expect(await child.done).toMatchObject({ code: null, signal: "SIGTERM" });
});

test.each<[NodeJS.Signals, number]>([
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGKILL", 137],
  ["SIGPIPE", 141],
  ["SIGTERM", 143],
])("converts the end by %s to exit code %i", (signal, code) => expect(exitCodeOf(signal)).toBe(code));
