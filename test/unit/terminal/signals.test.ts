import { constants } from "node:os";
import { expect, test } from "vitest";
import { exitCodeOf, FORWARDED, onSignal } from "../../../src/terminal/signals.ts";
import { start } from "../../support/process.ts";

test("every signal a person or a program sends to another is passed on", () =>
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
])("%s is not", (signal) => expect(FORWARDED).not.toContain(signal));

test("a signal with two names is passed on once", () => {
  const numbers = FORWARDED.map((signal) => constants.signals[signal]);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test("all of them are heard until they are not listened to any more", async () => {
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

test("a process that has listened ends by a signal again, as before", async () => {
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
])("the end by %s is exit code %i", (signal, code) => expect(exitCodeOf(signal)).toBe(code));
