import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { ofDokku } from "../support/deployed.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { ended, oneoffSuite, see } from "../support/oneoff-suite.ts";
import { run } from "../support/process.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);
const id = randomUUID().slice(0, 8);
const SOURCE = `test.oneoff.source=${id}`;

/** An app with two processes, deployed by another tool. */
const app = `exec-${id}`;

beforeAll(async () => {
  for (const type of ["web", "worker"]) {
    const { Labels, Names } = ofDokku(app, type);
    const [key, value] = SOURCE.split("=") as [string, string];
    const body = {
      Image: "busybox:local",
      Cmd: ["sh", "-c", `echo ${type} > /tmp/type; exec sleep 1000`],
      Labels: { ...Labels, [key]: value },
    };
    const { body: made } = await engine.post(`/containers/create?name=${Names[0]?.slice(1)}`, body);
    expect((await engine.post(`/containers/${made.Id}/start`)).status).toBe(204);
  }
});
afterAll(() => removeByLabel(host, SOURCE));

/** A one-off to run commands in, which is removed after its test. */
const asleep = async () => {
  const mine = suite.apart();
  const container = await mine.detached(["--retain", "0", "app", "sleep", "600"]);
  return {
    container,
    exec: (words: readonly string[], options = {}) => mine.oneoff(["exec", ...words], options),
    pty: (words: readonly string[]) => mine.ptyOneoff(["exec", ...words], { cols: 90, rows: 30 }),
    [Symbol.asyncDispose]: () => mine[Symbol.asyncDispose](),
  };
};

describe("exec in a paused container", () => {
  const refused = (container: string) => ({
    ...{ code: 125, stdout: "", stderr: `oneoff: ${container} is paused\n  docker unpause ${container}\n` },
  });

  test.concurrent(
    "exec names the paused container to unpause, for a one-off with a name of its own",
    needs("pause"),
    async () => {
      await using mine = suite.apart();
      const name = `paused-${randomUUID().slice(0, 8)}`;
      const id = await mine.detached(["--retain", "0", "--name", name, "app", "sleep", "600"]);
      await engine.post(`/containers/${id}/pause`);
      for (const word of [name, id]) expect(await mine.oneoff(["exec", word, "true"])).toEqual(refused(name));
    },
  );

  test.concurrent("exec names the paused container to unpause, for an app's container", needs("pause"), async () => {
    const name = `paused-app-${randomUUID().slice(0, 8)}`;
    const [label, value] = SOURCE.split("=") as [string, string];
    const body = {
      Image: "busybox:local",
      Cmd: ["sleep", "600"],
      Labels: { [label]: value },
      HostConfig: { Init: true },
    };
    const { Id } = (await engine.post(`/containers/create?name=${name}`, body)).body;
    await engine.post(`/containers/${Id}/start`);
    await engine.post(`/containers/${Id}/pause`);
    expect(await suite.oneoff(["exec", name, "true"])).toEqual(refused(name));
    await engine.post(`/containers/${Id}/unpause`);
    expect(await suite.oneoff(["exec", name, "true"])).toMatchObject({ code: 0 });
  });
});

describe("exec in a one-off", () => {
  test.concurrent("exec returns the exit code, and keeps stdout and stderr apart", async () => {
    await using s = await asleep();
    expect(await s.exec([s.container, "sh", "-c", "echo out; echo err >&2; exit 9"])).toEqual({
      ...{ code: 9, stdout: "out\n", stderr: "err\n" },
    });
    // One argument with shell syntax runs under a shell, as with run.
    expect(await s.exec([s.container, "echo $DYNO | cut -c1-4"])).toEqual({ code: 0, stdout: "run.\n", stderr: "" });
  });

  test.concurrent("exec forwards stdin byte for byte to EOF, and prints output after it", async () => {
    await using s = await asleep();
    const stdin = Buffer.from(Array.from({ length: 200_000 }, (_, n) => n % 256));
    expect(await s.exec([s.container, "md5sum"], { stdin })).toEqual({
      ...{ code: 0, stderr: "", stdout: (await run(["md5sum"], { stdin })).stdout.toString() },
    });
    expect(await s.exec([s.container, "cat"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  test.concurrent("exec delivers large output", async () => {
    await using s = await asleep();
    const { code, stdout } = await s.exec([s.container, "seq", "100000"]);
    const lines = stdout.split("\n");
    expect({ code, lines: lines.length, last: lines.at(-2) }).toEqual({ code: 0, lines: 100_001, last: "100000" });
  });

  test.concurrent("exec uses the requested variables, user and folder", async () => {
    await using s = await asleep();
    const options = ["-e", "A=1", "-e", "FROM_US", "--user", "app", "--workdir", "/tmp"];
    const told = await s.exec([...options, s.container, "sh", "-c", 'echo "$A $FROM_US $(id -un) $PWD"'], {
      env: { FROM_US: "ours" },
    });
    expect(told).toEqual({ code: 0, stdout: "1 ours app /tmp\n", stderr: "" });
  });

  test.concurrent.each([
    ["an unknown user", "--user", "nosuch"],
    ["an unknown group", "--user", "0:nosuch"],
    ["a missing folder", "--workdir", "/nosuch"],
  ])(
    "exec with %s exits with 126 on every engine, as docker exec does on Engine 20.10",
    async (_what, option, value) => {
      await using s = await asleep();
      const { code, stdout, stderr } = await s.exec([option, value, s.container, "true"]);
      expect({ code, stdout }).toEqual({ code: 126, stdout: "" });
      expect(stderr).toMatch(new RegExp(`^oneoff: [^\n]*nosuch[^\n]*\n {2}(?:check|fix) ${option}[^\n]*\n$`));
    },
  );

  test.concurrent("exec exits with 127 for a missing command, without text of the engine on stdout", async () => {
    await using s = await asleep();
    const { code, stdout, stderr } = await s.exec([s.container, "no-such-command"]);
    expect(code).toBe(127);
    expect(stdout).not.toContain("OCI runtime exec failed");
    expect(stdout + stderr).toMatch(/["`]no-such-command["`]:? (executable file )?not found in \$PATH/);
  });

  test.concurrent("exec exits silently with 141 when its reader exits", async () => {
    await using s = await asleep();
    const script = `set -o pipefail; "$@" | head -1; exit $PIPESTATUS`;
    const env = { DOCKER_HOST: host };
    const argv = [suite.argv([])[0] as string, "exec", s.container, "sh", "-c", "while :; do echo x; done"];
    const { code, stdout, stderr } = await run(["bash", "-c", script, "bash", ...argv], { env, timeout: 30_000 });
    expect({ code, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
      ...{ code: 141, stdout: "x\n", stderr: "" },
    });
  });

  test.concurrent("exec reports why it fails in a one-off that exited", async () => {
    await using mine = suite.apart();
    const container = await mine.detached(["app", "true"]);
    expect((await mine.oneoff(["wait", container])).code).toBe(0);
    const { code, stdout, stderr } = await mine.oneoff(["exec", container, "ls"]);
    expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
    expect(stderr).toMatch(/^oneoff: run\.\d+ is not running: .*\n {2}oneoff ps --all\n$/);
  });
});

describe("exec at a TTY", () => {
  test.concurrent("exec allocates a TTY of the local size, follows changes, and restores the terminal", async () => {
    await using s = await asleep();
    // Engines before API 1.42 accept the size only after the start.
    const script = 'until [ "$(stty size)" = "$0" ]; do sleep 0.05; done 2>/dev/null; echo "it is $0"';
    await using pty = await s.pty([
      s.container,
      "sh",
      "-c",
      `sh -c '${script}' '30 90'; sh -c '${script}' '40 120'; exit 5`,
    ]);
    await see(pty, "it is 30 90\r\n");
    pty.resize(120, 40);
    await see(pty, "it is 40 120\r\n");
    expect(await ended(pty)).toEqual({ code: 5, signal: null });
    expect(await pty.termios()).toMatch(/[^-]icanon.*[^-]echo /s);
  });

  test.concurrent("exec sends a key that may begin the engine's own detach keys at once", async () => {
    await using s = await asleep();
    await using pty = await s.pty([s.container, "sh", "-c", "stty raw -echo; echo ready; head -c 1 | xxd -p"]);
    await see(pty, "ready");
    pty.write("\x10");
    await see(pty, "10\n");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
  });

  test.concurrent("exec forwards ^C, and detaches with 0", async () => {
    await using s = await asleep();
    const script = "trap 'echo got it' INT; echo ready; while :; do sleep 0.1; done";
    await using pty = await s.pty([s.container, "sh", "-c", script]);
    await see(pty, "ready");
    pty.write("\x03");
    await see(pty, "got it");
    pty.write("\x10\x11");
    expect(await ended(pty)).toEqual({ code: 0, signal: null });
    const { stdout } = await s.exec([s.container, "ps"]);
    expect(stdout).toContain("trap 'echo got it' INT");
  });

  test.concurrent("exec without a command opens a shell, only at a terminal", async () => {
    await using s = await asleep();
    await using pty = await s.pty([s.container]);
    await see(pty, "# ");
    pty.write("exit 3\r");
    expect(await ended(pty)).toEqual({ code: 3, signal: null });
    expect(await s.exec([s.container])).toMatchObject({ code: 125, stdout: "" });
  });
});

describe("exec in an app's process", () => {
  test.concurrent.each([
    ["the app", app, "web"],
    ["its worker", `${app}.worker`, "worker"],
    ["its web process", `${app}.web`, "web"],
    ["one container", `${app}.worker.1`, "worker"],
    ["a name with its deployer", `dokku:${app}`, "web"],
  ])("exec runs in the process that is named by %s", async (_what, word, type) =>
    expect(await suite.oneoff(["exec", word, "cat", "/tmp/type"])).toEqual({
      code: 0,
      stdout: `${type}\n`,
      stderr: "",
    }),
  );

  test.concurrent("exec reports an unknown process type", async () =>
    expect(await suite.oneoff(["exec", `${app}.clock`, "ls"])).toEqual({
      code: 125,
      stdout: "",
      stderr: `oneoff: No running container of "${app}.clock"\n  oneoff ps, or in a new container: oneoff run ${app}.clock …\n`,
    }));
});
