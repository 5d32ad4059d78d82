// @module-tag full
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, inject, test } from "vitest";
import { removeByLabel, socketOf } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { ended, eventually, said, see } from "../support/oneoff-suite.ts";
import { type ProcessOptions, start } from "../support/process.ts";
import { openPty } from "../support/pty.ts";

// Runs the sources under Deno, with the permissions of deno.json, on the engine of the tests.
const root = fileURLToPath(new URL("../..", import.meta.url));
const host = inject("engineHost");
const label = `test.oneoff=${randomUUID()}`;
const { tasks } = JSON.parse(readFileSync(`${root}deno.json`, "utf8"));
const home = await folder();
const [, ...task] = tasks.oneoff
  .replaceAll("/var/run/docker.sock", socketOf(host))
  .replaceAll("$HOME", home.path)
  .split(" ");
// Deno's wrapper script does not forward signals.
const executable = `${root}node_modules/@deno/linux-${process.arch}-glibc/deno`;
const deno = [executable, task[0], "--no-prompt", `--config=${root}deno.json`, ...task.slice(1, -1)];

const argv = (...words: string[]) => [...deno, `${root}${task.at(-1)}`, ...words];
const ofImage = (...words: string[]) => ["--label", label, "--image", "busybox:local", "app", ...words];
const env = { DOCKER_HOST: host, HOME: home.path, XDG_STATE_HOME: undefined, NO_COLOR: "1" };
const oneoff = async (words: readonly string[], options: ProcessOptions = {}) =>
  said(await start(argv(...words), { timeout: 60_000, env, ...options }));

afterAll(async () => {
  await removeByLabel(host, label);
  await home[Symbol.asyncDispose]();
});

test.concurrent("keeps streams apart, forwards stdin to EOF, and returns the exit code under Deno", async () => {
  const input = "0123456789\n".repeat(50_000);
  const script = "wc -c; echo err >&2; exit 3";
  expect(await oneoff(["run", ...ofImage("sh", "-c", script)], { stdin: input })).toEqual({
    code: 3,
    stdout: `${input.length}\n`,
    stderr: "err\n",
  });
});

test.concurrent("delivers large output under Deno", async () => {
  const { code, stdout } = await oneoff(["run", ...ofImage("seq", "500000")]);
  expect(code).toBe(0);
  expect(stdout.length).toBe(3_388_895);
  expect(stdout.endsWith("\n499999\n500000\n")).toBe(true);
});

test.concurrent("forwards a signal under Deno", async () => {
  const script = 'trap "echo heard; exit 5" TERM; echo up; while :; do sleep 0.1; done';
  const live = await start(argv("run", ...ofImage("sh", "-c", script)), { timeout: 60_000, env });
  await eventually(() => expect(live.stdout.toString()).toContain("up"));
  process.kill(live.pid, "SIGTERM");
  expect(await said(live)).toEqual({ code: 5, stdout: "up\nheard\n", stderr: "" });
});

test.concurrent("allocates a raw TTY with the terminal's size under Deno", async () => {
  const pty = await openPty(argv("run", ...ofImage("sh")), { env });
  await see(pty, "# ");
  pty.write("sleep 1; stty size; exit 6\r");
  await see(pty, /\r\n\d+ \d+\r\n/);
  expect(await ended(pty)).toMatchObject({ code: 6 });
});

test.concurrent("attaches to a detached one-off and waits for it under Deno", async () => {
  const { code, stdout } = await oneoff([
    "run",
    "--detach",
    "--quiet",
    ...ofImage("sh", "-c", "echo out; exec sleep 1000"),
  ]);
  expect(code).toBe(0);
  const id = stdout.trim();
  const live = await start(argv("attach", id), { timeout: 60_000, env });
  await eventually(() => expect(live.stdout.toString()).toContain("out\n"));
  process.kill(live.pid, "SIGTERM");
  expect((await said(live)).code).toBe(143);
  expect((await oneoff(["wait", id])).code).toBe(143);
});

test.concurrent("runs a deploy with its phases under Deno", async () => {
  const app = `deno-${randomUUID().slice(0, 8)}`;
  await using dir = await folder({
    Dockerfile: "FROM busybox:local\nWORKDIR /app\nCOPY Procfile .\n",
    Procfile: "release: echo released\nweb: sleep 1000\n",
  });
  const { code, stdout, stderr } = await oneoff(["deploy", app, "."], { cwd: dir.path });
  expect(code, stderr).toBe(0);
  expect(stdout).toBe(`oneoff/${app}:v1\n`);
  expect(stderr).toContain("released\n");
  const destroyed = await oneoff(["destroy", "--yes", app]);
  expect(destroyed.code, destroyed.stderr).toBe(0);
});
