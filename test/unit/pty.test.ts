import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isAlive } from "../support/process.ts";
import { openPty } from "../support/pty.ts";

test("the command sees the size it was opened with", async () => {
  await using pty = await openPty(["stty", "size"], { cols: 133, rows: 41 });
  expect(await pty.exit).toEqual({ code: 0, signal: null });
  expect(pty.output).toBe("41 133\r\n");
});

test("a resize delivers SIGWINCH and the new size", async () => {
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

test("^C is a SIGINT in cooked mode", async () => {
  await using pty = await openPty(["sh", "-c", "echo ready; exec sleep 60"]);
  await pty.waitFor("ready");
  pty.write("\x03");
  expect(await pty.exit).toEqual({ code: null, signal: "SIGINT" });
  expect(pty.output).toContain("^C");
});

test("^C is a byte in raw mode", async () => {
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

test("^D is the end of file in cooked mode", async () => {
  await using pty = await openPty(["cat"]);
  pty.write("hello\r");
  await pty.waitFor("hello\r\nhello\r\n");
  pty.write("\x04");
  expect(await pty.exit).toEqual({ code: 0, signal: null });
});

test("the exit code is the command's own", async () => {
  await using pty = await openPty(["sh", "-c", "exit 42"]);
  expect(await pty.exit).toEqual({ code: 42, signal: null });
});

test("a command that does not exist is a 127", async () => {
  await using pty = await openPty(["no-such-command"]);
  expect(await pty.exit).toEqual({ code: 127, signal: null });
  expect(pty.output).toContain("No such file or directory");
});

test("a signal reaches the command by its pid", async () => {
  await using pty = await openPty(["sleep", "60"]);
  pty.signal("SIGTERM");
  expect(await pty.exit).toEqual({ code: null, signal: "SIGTERM" });
});

test("raw mode and its restoration show from outside, while the command runs and after", async () => {
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

test("the command leads the foreground process group of its controlling terminal", async () => {
  await using pty = await openPty(["sh", "-c", "echo here >/dev/tty; read -r _"]);
  await pty.waitFor("here");
  const fields = readFileSync(`/proc/${pty.pid}/stat`, "utf8").split(" ");
  const [group, , , foreground] = fields.slice(4);
  expect([group, foreground]).toEqual([String(pty.pid), String(pty.pid)]);
});

test("an interactive shell has job control", async () => {
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

test("a closed window is a SIGHUP", async () => {
  await using pty = await openPty(["sleep", "60"]);
  pty.hangup();
  expect(await pty.exit).toEqual({ code: null, signal: "SIGHUP" });
});

test("disposal ends what ignores a SIGHUP, in the background, too", async () => {
  let pids: number[] = [];
  {
    await using pty = await openPty(["sh", "-c", "trap '' HUP; sleep 60 & echo \"job $!.\"; wait"]);
    const job = await pty.waitFor(/job \d+\./);
    pids = [pty.pid, Number.parseInt(job.slice(4), 10)];
  }
  await expect.poll(() => pids.filter(isAlive)).toEqual([]);
});

test("all output is there when the exit is, however much it was", async () => {
  await using pty = await openPty(["seq", "200000"]);
  await pty.exit;
  const lines = pty.output.split("\r\n");
  expect(lines.length).toBe(200_001);
  expect(lines.findIndex((line, index) => line !== String(index + 1))).toBe(200_000);
});

test("much typed at once arrives whole", async () => {
  await using pty = await openPty(["sh", "-c", "stty raw -echo; printf ready; head -c 1000000 | cksum"]);
  await pty.waitFor("ready");
  pty.write(Buffer.alloc(1_000_000, "x"));
  await pty.waitFor(/\d+ 1000000/);
});

test("waiting goes on after the last match and fails with the screen", async () => {
  await using pty = await openPty(["sh", "-c", "echo one; echo two; sleep 60"]);
  await pty.waitFor("two");
  await expect(pty.waitFor("one", 50)).rejects.toThrow(/50 ms went by without one; the screen:\none\r\ntwo/);
});

test("waiting ends with the command", async () => {
  await using pty = await openPty(["echo", "bye"]);
  await expect(pty.waitFor("hello", 60_000)).rejects.toThrow("The command ended without hello");
});
