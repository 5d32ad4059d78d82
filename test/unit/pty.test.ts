import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isAlive } from "../support/process.ts";
import { openPty } from "../support/pty.ts";

test("passes the initial size to the command", async () => {
  await using pty = await openPty(["stty", "size"], { cols: 133, rows: 41 });
  expect(await pty.exit).toEqual({ code: 0, signal: null });
  expect(pty.output).toBe("41 133\r\n");
});

test("resizes the TTY and sends SIGWINCH", async () => {
  await using pty = await openPty([
    "sh",
    "-c",
    "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done",
  ]);
  await pty.waitFor("ready");
  pty.resize(100, 30);
  expect(await pty.waitFor(/\d+ \d+/)).toBe("30 100");
  expect(await pty.exit).toEqual({ code: 0, signal: null });
});

test("sends SIGINT on ^C in cooked mode", async () => {
  await using pty = await openPty(["sh", "-c", "echo ready; exec sleep 60"]);
  await pty.waitFor("ready");
  pty.write("\x03");
  expect(await pty.exit).toEqual({ code: null, signal: "SIGINT" });
  expect(pty.output).toContain("^C");
});

test("passes ^C as a byte in raw mode", async () => {
  await using pty = await openPty([
    "sh",
    "-c",
    "stty raw -echo; printf ready; dd bs=1 count=1 2>/dev/null | od -An -tx1",
  ]);
  await pty.waitFor("ready");
  pty.write("\x03");
  await pty.waitFor("03");
  expect(await pty.exit).toEqual({ code: 0, signal: null });
});

test("sends EOF on ^D in cooked mode", async () => {
  await using pty = await openPty(["cat"]);
  pty.write("hello\r");
  await pty.waitFor("hello\r\nhello\r\n");
  pty.write("\x04");
  expect(await pty.exit).toEqual({ code: 0, signal: null });
});

test("returns the command's exit code", async () => {
  await using pty = await openPty(["sh", "-c", "exit 42"]);
  expect(await pty.exit).toEqual({ code: 42, signal: null });
});

test("returns 127 for a command that does not exist", async () => {
  await using pty = await openPty(["no-such-command"]);
  expect(await pty.exit).toEqual({ code: 127, signal: null });
  expect(pty.output).toContain("No such file or directory");
});

test("sends a signal to the command by its PID", async () => {
  await using pty = await openPty(["sleep", "60"]);
  pty.signal("SIGTERM");
  expect(await pty.exit).toEqual({ code: null, signal: "SIGTERM" });
});

test("shows raw mode and its restoration, during the command and after", async () => {
  await using pty = await openPty([
    "sh",
    "-c",
    "read -r _; saved=$(stty -g); stty raw -echo; echo raw; read -r _; stty $saved; echo cooked; read -r _; stty raw -echo",
  ]);
  const fresh = await pty.termios();
  expect(fresh).toMatch(/ icanon.* echo /s);
  pty.write("\r");
  await pty.waitFor("raw");
  expect(await pty.termios()).toMatch(/-icanon.*-echo /s);
  pty.write("\n");
  await pty.waitFor("cooked");
  expect(await pty.termios()).toBe(fresh);
  pty.write("\n");
  await pty.exit;
  expect(await pty.termios()).toMatch(/-icanon.*-echo /s);
});

test("runs the command in the foreground process group of its controlling TTY", async () => {
  await using pty = await openPty(["sh", "-c", "echo here >/dev/tty; read -r _"]);
  await pty.waitFor("here");
  const fields = readFileSync(`/proc/${pty.pid}/stat`, "utf8").split(" ");
  const [group, , , foreground] = fields.slice(4);
  expect([group, foreground]).toEqual([String(pty.pid), String(pty.pid)]);
});

test("gives an interactive shell job control", async () => {
  await using pty = await openPty(["sh", "-i"], { env: { PS1: "$ " } });
  await pty.waitFor("$ ");
  pty.write("sh -c 'echo begun; exec sleep 60'\r");
  await pty.waitFor("\nbegun\r\n");
  pty.write("\x1a");
  await pty.waitFor("Stopped");
  await pty.waitFor("$ ");
  pty.write("kill %1; bg; wait; exit 3\r");
  expect(await pty.exit).toEqual({ code: 3, signal: null });
});

test("sends SIGHUP when closed", async () => {
  await using pty = await openPty(["sleep", "60"]);
  pty.hangup();
  expect(await pty.exit).toEqual({ code: null, signal: "SIGHUP" });
});

test("kills processes that ignore SIGHUP when disposed of, also in the background", async () => {
  let pids: number[] = [];
  {
    await using pty = await openPty(["sh", "-c", "trap '' HUP; sleep 60 & echo \"job $!.\"; wait"]);
    const job = await pty.waitFor(/job \d+\./);
    pids = [pty.pid, Number.parseInt(job.slice(4), 10)];
  }
  await expect.poll(() => pids.filter(isAlive)).toEqual([]);
});

test("has all output when the command exits, regardless of its size", async () => {
  await using pty = await openPty(["seq", "200000"]);
  await pty.exit;
  const lines = pty.output.split("\r\n");
  expect(lines.length).toBe(200_001);
  expect(lines.findIndex((line, index) => line !== String(index + 1))).toBe(200_000);
});

test("delivers much input at once", async () => {
  await using pty = await openPty(["sh", "-c", "stty raw -echo; printf ready; head -c 1000000 | cksum"]);
  await pty.waitFor("ready");
  pty.write(Buffer.alloc(1_000_000, "x"));
  await pty.waitFor(/\d+ 1000000/);
});

test("waits from the last match, and fails with the screen", async () => {
  await using pty = await openPty(["sh", "-c", "echo one; echo two; sleep 60"]);
  await pty.waitFor("two");
  await expect(pty.waitFor("one", 50)).rejects.toThrow(/50 ms went by without one; the screen:\none\r\ntwo/);
});

test("stops waiting when the command exits", async () => {
  await using pty = await openPty(["echo", "bye"]);
  await expect(pty.waitFor("hello", 60_000)).rejects.toThrow("The command ended without hello");
});
