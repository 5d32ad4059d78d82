import { chmod, chown } from "node:fs/promises";
import { createServer } from "node:net";
import { describe, expect, inject, test } from "vitest";
import { socketOf } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, ended, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);

const HOMELESS = { HOME: undefined, XDG_CONFIG_HOME: undefined, XDG_STATE_HOME: undefined, XDG_CACHE_HOME: undefined };

/** Runs a command that any host can run, with a script that makes the host unusual. */
const strange = (script: string, env: Record<string, string | undefined> = {}) =>
  suite.bash(script, ["app", "sh", "-c", "cat; echo out; echo err >&2; exit 7"], { env });

/**
 * A script for a mount namespace of its own, in which everyone may read the engine's socket and oneoff.
 * @param script ends with the command that runs oneoff.
 */
const apart = (script: string) => `unshare -m sh -c '
  mount -t tmpfs tmpfs /mnt && : >/mnt/socket && : >/mnt/oneoff && chmod 755 /mnt &&
  mount --bind "\${DOCKER_HOST#unix://}" /mnt/socket && mount --bind "$1" /mnt/oneoff &&
  export DOCKER_HOST=/mnt/socket && shift && ${script} "$@"' sh "$@"`;

/** The expected result on every host. */
const asEver = { code: 7, stdout: "out\n", stderr: "err\n" };

describe("one-off on an unusual host", () => {
  for (const [scope, rows] of quickAndFull<[string, string, Record<string, string | undefined>]>(
    [
      ["without a home", '"$@"', HOMELESS],
      ["without stdin", '"$@" <&-', {}],
      ["without any variables", 'oneoff=$1; shift; env -i "$oneoff" --host "$DOCKER_HOST" "$@"', {}],
      [
        "with a file system that is read-only",
        `unshare -m sh -c 'mount -o remount,bind,ro / && exec "$@"' sh "$@"`,
        {},
      ],
      [
        "with a missing home",
        'export HOME=$(mktemp -d); rmdir "$HOME"; "$@"; code=$?; rm -r "$HOME"; exit $code',
        HOMELESS,
      ],
      ["with a read-only home", '"$@"', { ...HOMELESS, HOME: "/proc" }],
      ["with a home that is a file", '"$@"', { ...HOMELESS, HOME: "/etc/passwd" }],
      ["with a missing TMPDIR", '"$@"', { TMPDIR: "/nonexistent" }],
      ["in a folder that has been removed", 'cd "$(mktemp -d)" && rmdir "$PWD" && "$@"', {}],
      ["without TERM", '"$@"', { TERM: undefined }],
      ["with LANG=C", '"$@"', { LANG: "C", LC_ALL: "C" }],
      ["with a locale that is not installed", 'env LANG=xx_XX.UTF-8 LC_ALL=xx_XX.UTF-8 "$@"', {}],
      ["with umask 077", 'umask 077; "$@"', {}],
      ["with a /tmp that is read-only", apart("mount -t tmpfs -o ro tmpfs /tmp && exec /mnt/oneoff"), {}],
    ],
    4,
  ))
    test.concurrent.each(rows)("runs a one-off %s", scope, async (_, script, env) => {
      expect(await strange(script, env)).toEqual(asEver);
    });

  test.concurrent("runs a one-off without stdout and stderr, with its exit code", async () => {
    expect(await strange('"$@" >&- 2>&-')).toEqual({ code: 7, stdout: "", stderr: "" });
    expect(await strange('"$@" <&- >&- 2>&-')).toEqual({ code: 7, stdout: "", stderr: "" });
  });

  test.concurrent("runs a one-off for a user without an entry in /etc/passwd", async () => {
    // Podman's socket is only for its user by default; under systemd its group may use it, too.
    const script = apart(`chmod g+rw /mnt/socket && : >/mnt/passwd && mount --bind /mnt/passwd /etc/passwd &&
      exec setpriv --reuid 12345 --regid "$(stat -c %g /mnt/socket)" --clear-groups /mnt/oneoff`);
    expect(await strange(script, HOMELESS)).toEqual(asEver);
    expect(await strange(script, { HOME: "/root" })).toEqual(asEver);
  });

  test.concurrent("runs a one-off with 16 KiB of arguments", { tags: ["full"] }, async () => {
    const words = ["x".repeat(16 * 1024), "ž".repeat(8 * 1024)];
    expect(await suite.run(["app", "echo", ...words])).toEqual({ code: 0, stdout: `${words.join(" ")}\n`, stderr: "" });
  });

  test.concurrent("runs a one-off at a terminal of unknown type", async () => {
    await using pty = await suite.pty(["app", "sh", "-c", "echo TERM=$TERM; exit 7"], { env: { TERM: undefined } });
    expect(await ended(pty)).toEqual({ code: 7, signal: null });
  });
});

describe("error on an unusual host", () => {
  test.concurrent("reports a socket that belongs to another group", async () => {
    await using place = await folder();
    const socket = `${place.path}/engine.sock`;
    const server = createServer().listen(socket);
    await new Promise((listening) => server.once("listening", listening));
    const refused = async (gid: number) => {
      await chown(socket, 0, gid);
      await chmod(socket, 0o660);
      const as = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"];
      const words = ["--host", socket, "run", "--image", "busybox:local", "app", "true"];
      // The binary may be in a folder that this user cannot read.
      const entered = ["unshare", "-m", "sh", "-c", 'mount --bind "$1" /mnt && shift && exec "$@"', "sh"];
      const argv = [...entered, BINARY.replace(/\/oneoff$/, ""), ...as, "/mnt/oneoff", ...words];
      return said(await start(argv, { env: HOMELESS }));
    };
    expect(await refused(1)).toEqual({
      code: 125,
      stdout: "",
      stderr: `oneoff: Cannot reach the engine at ${socket}: permission denied: only the group "daemon" may use the socket\n  sudo usermod -aG daemon $USER, then log in again\n`,
    });
    expect((await refused(4242)).stderr).toContain('only the group "4242" may use the socket\n');
    server.close();
  });

  test.concurrent("reports a folder that cannot be written where something has to be kept", async () => {
    const set = ["app-json:set", "app", "appjson-path", "x.json"];
    expect(await suite.oneoff(set, { env: HOMELESS })).toEqual({
      code: 2,
      stdout: "",
      stderr: "oneoff: Cannot store the setting: XDG_CONFIG_HOME and HOME are not set\n  set one of the variables\n",
    });
    expect(await suite.oneoff(set, { env: { ...HOMELESS, HOME: "/proc" } })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^oneoff: Cannot write "\/proc\/.config\/oneoff\/properties.json": /),
    });
  });

  test.concurrent("reports a missing temporary folder when stdin is to be uploaded", async () => {
    const words = ["--file", "-:/tmp/x", "app", "cat", "/tmp/x"];
    const said = await suite.run(words, { stdin: "content", env: { TMPDIR: "/nonexistent" } });
    expect(said).toMatchObject({ code: 125, stderr: expect.stringMatching(/^oneoff: Cannot write "\/nonexistent/) });
  });
});

describe("doctor", () => {
  const levels = (stdout: string) => new Set(stdout.match(/^\w+/gm));

  test.concurrent("doctor finds nothing that would break a run", async () => {
    await using home = await folder();
    const { code, stdout, stderr } = await suite.oneoff(["doctor"], { env: { ...HOMELESS, HOME: home.path } });
    expect(stderr).toBe("");
    expect(stdout).toContain(`${socketOf(host)}, from DOCKER_HOST`);
    expect(levels(stdout)).not.toContain("fail");
    expect(code).toBe(0);
  });

  test.concurrent("doctor prints the same as JSON", async () => {
    const { code, stdout } = await suite.oneoff(["doctor", "--json"]);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as { status: string; check: string }[];
    // Podman's log drivers are built in, so there is nothing to report about logs.
    const logs = inject("engine").name === "podman" ? [] : ["logs"];
    expect(found.map(({ check }) => check)).toEqual(
      expect.arrayContaining(["endpoint", "engine", "storage", ...logs, "clock", "one-offs", "state"]),
    );
  });

  test.concurrent("doctor works without an engine, and on an unusual host", async () => {
    const env = { ...HOMELESS, DOCKER_HOST: "/nonexistent/docker.sock", PATH: undefined };
    const { code, stdout } = await suite.oneoff(["doctor"], { env });
    expect(stdout).toMatch(/^fail +engine +Cannot reach the engine at \/nonexistent\/docker.sock/m);
    expect(stdout).toMatch(/^warn +state +neither XDG_STATE_HOME nor HOME is set/m);
    expect(code).toBe(1);
  });

  test.concurrent("doctor does not wait for an engine that does not answer", { tags: ["full"] }, async () => {
    await using place = await folder();
    const server = createServer(() => {}).listen(`${place.path}/s`);
    const { code, stdout } = await suite.oneoff(["doctor", "--host", `${place.path}/s`]);
    expect(stdout).toMatch(/^fail +engine +The engine did not respond within 6 s$/m);
    expect(code).toBe(1);
    server.close();
  });
});

describe("oneoff.yaml of another user", () => {
  const PRINT = 'cd "$(mktemp -d)" && MAKE; "$1" run --print app ls >/dev/null; code=$?; rm -r "$PWD"; exit $code';
  const APP = 'printf "app: app\\nimage: busybox:local\\n" >oneoff.yaml';

  test.concurrent.each<[string, string, number, string]>([
    ["does not wait for a FIFO", "mkfifo oneoff.yaml", 125, "not a regular file"],
    ["does not read a link to a device", "ln -s /dev/zero oneoff.yaml", 125, "Refused to read|not a regular file"],
    ["refuses a world-writable folder", `${APP}; chmod 777 .`, 125, "every user can write to .*--config "],
    ["accepts a world-writable sticky folder", `${APP}; chmod 1777 .`, 0, "^$"],
    [
      "does not wait for an env-file that is a FIFO",
      `${APP}; echo "env-file: f" >>oneoff.yaml; mkfifo f`,
      125,
      "regular",
    ],
  ])("reads oneoff.yaml safely: %s", async (_, make, code, stderr) => {
    const done = await suite.bash(PRINT.replace("MAKE", make), []);
    expect({ code: done.code, stderr: done.stderr }).toEqual({
      code,
      stderr: expect.stringMatching(new RegExp(stderr, "s")),
    });
  });

  test.concurrent("reads a pipe that the command line names", async () => {
    const script = `printf 'A=1\n' | "$1" run --print --image busybox:local --env-file /dev/stdin --env-file <(echo B=2) app ls`;
    expect((await suite.bash(script, [])).stdout).toMatch(/"A=.*",\s+"B=/);
  });
});
