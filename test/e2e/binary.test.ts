import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, readFile, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { socketOf } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { type ProcessOptions, run, start } from "../support/process.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);

const oneoff = async (words: readonly string[], options: ProcessOptions = {}) =>
  said(await start([BINARY, ...words], { timeout: 30_000, ...options }));

const COMPLETIONS = ["oneoff.bash", "_oneoff", "oneoff.fish"].map((file) => `completions/${file}`);
const VERSION = /^oneoff (\S+) \(commit ([0-9a-f]{10}(?:-dirty)?|unknown), Node (\S+), (\S+)\)\n$/;

describe("binary", () => {
  test.concurrent.each([["--version"], ["-V"], ["version"]])(
    "%s prints version, commit, Node and platform",
    async (...words) => {
      const root = new URL("../..", import.meta.url);
      const { version } = JSON.parse(await readFile(new URL("package.json", root), "utf8"));
      const { code, stdout, stderr } = await oneoff(words);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(VERSION);
      const [, ours, , node, platform] = VERSION.exec(stdout) ?? [];
      // The binary contains the Node that runs the tests.
      expect([ours, node, platform]).toEqual([version, process.versions.node, `${process.platform}-${process.arch}`]);
    },
  );

  test.concurrent("the checksums of the binary and of what is installed with it are beside it", async () => {
    const { code, stdout } = await run(["sha256sum", "-c", `${basename(BINARY)}.sha256`], { cwd: dirname(BINARY) });
    expect({ code, stdout: stdout.toString() }).toEqual({
      code: 0,
      stdout: ["oneoff", ...COMPLETIONS, "oneoff.1"].map((file) => `${file}: OK\n`).join(""),
    });
  });

  test.concurrent("explains itself and its commands without arguments and with --help", async () => {
    for (const words of [[], ["--help"], ["help"]]) {
      const { code, stdout, stderr } = await oneoff(words);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toMatch(/^Usage: oneoff <command> \[options\]\n.*\n {2}run {2}.*\nTopics /s);
    }
    const { code, stdout } = await oneoff(["run", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: oneoff run \[options\] <app> \[command…\]\n.*--env-file FILE/s);
  });

  test.concurrent("exits with 2 for an unknown command, and names the most similar one", async () => {
    expect(await oneoff(["rnu"])).toEqual({
      code: 2,
      stdout: "",
      stderr: 'oneoff: Unknown command "rnu"; did you mean run?\n  oneoff run\n',
    });
  });

  test.concurrent("reports an output that cannot be written, and ignores a reader that exited", async () => {
    const to = (redirection: string) => run(["bash", "-c", `"$0" --help ${redirection}`, BINARY], { timeout: 30_000 });
    const full = await to(">/dev/full");
    expect(full.code).toBe(1);
    expect(full.stderr.toString()).toMatch(/^oneoff: .*ENOSPC/);
    // Whether the reader exits before or after the write depends on timing.
    const gone = await to(`| true; echo "\${PIPESTATUS[0]}"`);
    expect(gone.stdout.toString()).toMatch(/^(0|141)\n$/);
    expect(gone.stderr.toString()).toBe("");
  });
});

describe("environment of the binary", () => {
  test.concurrent("ignores NODE_OPTIONS and the like", async () => {
    const env = {
      NODE_OPTIONS: "--require=/no/such/file.js --no-such-option",
      NODE_PATH: "/no/such",
      NODE_EXTRA_CA_CERTS: "/no/such",
    };
    expect(await oneoff(["--version"], { env })).toMatchObject({ code: 0, stderr: "" });
    expect(await suite.run(["app", "echo", "fine"], { env })).toEqual({ code: 0, stdout: "fine\n", stderr: "" });
  });

  test.concurrent("ignores files that Node looks for in a folder", async () => {
    await using dir = await folder({
      "node.config.json": "not JSON",
      "package.json": "not JSON",
      ".env": "DOCKER_HOST=unix:///nonexistent\n",
      ".npmrc": "",
    });
    expect(await suite.run(["app", "echo", "fine"], { cwd: dir.path })).toEqual({
      code: 0,
      stdout: "fine\n",
      stderr: "",
    });
  });

  test.concurrent("runs in an empty environment", async () => {
    const script = 'exec env -i "$@"';
    expect(await suite.bash(script, ["--host", host, "app", "sh", "-c", "echo fine; exit 3"])).toEqual({
      code: 3,
      stdout: "fine\n",
      stderr: "",
    });
  });

  test.concurrent("runs in a folder that has been removed", async () => {
    await using dir = await folder({ "removed/x": "" });
    const script = 'rm -r "$PWD"; exec "$@"';
    const cwd = join(dir.path, "removed");
    expect(await suite.bash(script, ["app", "echo", "fine"], { cwd })).toEqual({
      code: 0,
      stdout: "fine\n",
      stderr: "",
    });
    expect(
      await run(["bash", "-c", 'rm -r "$PWD"; exec "$0" --version', BINARY], { cwd: (await folder()).path }),
    ).toMatchObject({
      code: 0,
    });
  });

  test.concurrent("runs from any folder, under any name, through a symlink, and for a user who may write nothing", async () => {
    await using dir = await folder();
    const copy = join(dir.path, "another name");
    const link = join(dir.path, "link");
    await copyFile(BINARY, copy);
    await symlink(BINARY, link);
    for (const argv of [[copy], [link], ["env", `PATH=${dirname(BINARY)}`, "oneoff"]]) {
      const { code, stdout } = await run([...argv, "--version"], { cwd: "/" });
      expect(code).toBe(0);
      expect(stdout.toString()).toMatch(VERSION);
    }
    if (process.getuid?.() !== 0) return;
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "-i"];
    const { code, stdout } = await run([...nobody, copy, "--version"], { cwd: "/" });
    expect(code).toBe(0);
    expect(stdout.toString()).toMatch(VERSION);
  });
});

describe("engine of the binary", () => {
  const nowhere = "unix:///nonexistent/docker.sock";

  test.concurrent("uses DOCKER_HOST, and --host takes precedence, before the app or before the command", async () => {
    const echo = ["app", "echo", "fine"];
    const fine = { code: 0, stdout: "fine\n", stderr: "" };
    expect(await suite.run(echo)).toEqual(fine);
    expect(await suite.run(echo, { env: { DOCKER_HOST: nowhere } })).toMatchObject({ code: 125 });
    expect(await suite.run(["--host", host, ...echo], { env: { DOCKER_HOST: nowhere } })).toEqual(fine);
    expect(await suite.run(["-H", nowhere, ...echo])).toMatchObject({ code: 125 });
    const words = ["--host", host, "run", "--label", suite.label, "--image", "busybox:local", ...echo];
    expect(await oneoff(words, { env: { DOCKER_HOST: nowhere } })).toEqual(fine);
  });

  test.skipIf(existsSync("/var/run/docker.sock"))(
    "uses the rootless engine without DOCKER_HOST and --host",
    async () => {
      await using dir = await folder();
      await symlink(socketOf(host), join(dir.path, "docker.sock"));
      const env = { DOCKER_HOST: undefined, XDG_RUNTIME_DIR: dir.path };
      expect(await suite.run(["app", "echo", "fine"], { env })).toEqual({ code: 0, stdout: "fine\n", stderr: "" });
      const none = await suite.run(["app", "true"], { env: { ...env, XDG_RUNTIME_DIR: `/no/such/${randomUUID()}` } });
      expect(none).toMatchObject({ code: 125, stdout: "" });
      expect(none.stderr).toMatch(
        /^oneoff: No engine found\nno socket \/var\/run\/docker\.sock\nno socket \/no\/such\//,
      );
    },
  );
});
