import { randomUUID } from "node:crypto";
import { afterAll, expect, inject, test } from "vitest";
import { DEPLOY_TIMEOUT_MS, deployPlace } from "../support/deploy-place.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, said } from "../support/oneoff-suite.ts";
import { run, start } from "../support/process.ts";

const host = inject("engineHost");
const LABEL = `test.oneoff.app-logs=${randomUUID()}`;
afterAll(() => removeByLabel(host, LABEL));

/** An app of dokku, whose processes the test starts. */
async function dokkuApp() {
  const home = await folder();
  const app = `al${randomUUID().slice(0, 8)}`;
  const env = { DOCKER_HOST: host, XDG_STATE_HOME: home.path };
  const live = (...words: string[]) => start([BINARY, "logs", ...words], { env, timeout: 100_000 });
  return {
    app,
    live,
    logs: async (...words: string[]) => said(await live(...words)),
    oneoff: async (...words: string[]) => said(await start([BINARY, ...words], { env, timeout: 100_000 })),
    /** @returns the container's id. */
    async process(name: string, script: string, HostConfig: object = {}): Promise<string> {
      const [key, value] = LABEL.split("=") as [string, string];
      const type = name.replace(/\.\d+.*$/, "");
      const Labels = {
        "com.dokku.app-name": app,
        "com.dokku.container-type": "deploy",
        "com.dokku.process-type": type,
      };
      const body = {
        Image: "busybox:local",
        Cmd: ["sh", "-c", script],
        Labels: { ...Labels, [key]: value },
        HostConfig,
      };
      const { body: made } = await api(host).post(`/containers/create?name=${app}.${name}`, body);
      expect((await api(host).post(`/containers/${made.Id}/start`)).status).toBe(204);
      return made.Id;
    },
    async [Symbol.asyncDispose]() {
      await home[Symbol.asyncDispose]();
    },
  };
}

const docker = async (...words: string[]) => {
  const { stdout, stderr } = await run(["docker", ...words], { env: { DOCKER_HOST: host } });
  return { stdout: stdout.toString(), stderr: stderr.toString() };
};

/** Waits until a container has exited. */
const over = (id: string) =>
  eventually(async () => expect((await api(host).get(`/containers/${id}/json`)).body.State.Status).toBe("exited"));

const exited = async (...ids: string[]) => void (await Promise.all(ids.map(over)));

test.concurrent("prints what the processes and one-offs of an app write, in the order of time", async () => {
  await using a = await dokkuApp();
  await exited(await a.process("web.1", "echo one; sleep 0.1; echo two >&2"));
  await exited(await a.process("worker.12", "echo three"));
  const detached = await a.oneoff(
    "run",
    "--image",
    "busybox:local",
    "--label",
    LABEL,
    "-d",
    "-q",
    a.app,
    "echo",
    "four",
  );
  await exited(detached.stdout.trim());
  const name = /run\.\d+/.exec((await a.oneoff("ps", "--all", a.app)).stdout)?.[0] ?? "";
  const { code, stdout, stderr } = await a.logs(a.app);
  expect([code, stderr]).toEqual([0, ""]);
  const pad = (text: string) => text.padEnd("worker.12".length);
  expect(stdout.split("\n").map((line) => line.replace(/ by user \S+$/, ""))).toEqual([
    `${pad("web.1")} | one`,
    `${pad("web.1")} | two`,
    "worker.12 | three",
    `${pad("oneoff")} | ${name}: Starting process with command \`echo four\``,
    `${pad("oneoff")} | ${name}: State changed from starting to up`,
    `${pad(name)} | four`,
    `${pad("oneoff")} | ${name}: Process exited with status 0`,
    `${pad("oneoff")} | ${name}: State changed from up to complete`,
    "",
  ]);
  for (const words of [[`${a.app}.web`], [a.app, "web"], ["--app", a.app, "web.1"], [`${a.app}.web.1`]]) {
    expect(await a.logs(...words)).toEqual({ code: 0, stdout: "web.1  | one\nweb.1  | two\n", stderr: "" });
  }
  expect((await a.logs(a.app, "run")).stdout).toContain(`${name} | four\n`);
  expect((await a.logs(a.app, name)).stdout).toContain(` app[${name}]: four\n`);
  expect((await a.logs(`${a.app}.run`)).stdout).not.toContain("three");
});

test.concurrent("follows an app through a rollout", { timeout: DEPLOY_TIMEOUT_MS }, async () => {
  const script = "echo I am $V; while :; do sleep 0.1; done";
  await using place = await deployPlace(host, {
    files: {
      Procfile: `web: sh -c 'trap "echo bye; exit 0" TERM; ${script}'\n`,
      Dockerfile: "FROM busybox:local\nENV V=1\n",
    },
  });
  await place.deployed();
  await using live = await place.begin("logs", "-f", place.app, "web");
  await eventually(() => expect(live.stdout.toString()).toBe("web.1  | I am 1\n"));
  await place.write("Dockerfile", "FROM busybox:local\nENV V=2\n");
  await place.deployed();
  await eventually(() => expect(live.stdout.toString()).toBe("web.1  | I am 1\nweb.1  | I am 2\nweb.1  | bye\n"));
  await eventually(() =>
    expect(live.stderr.toString()).toMatch(
      /^oneoff: web\.1 started \(container (\w{12})\)\noneoff: web\.1 exited with status 0 \(container (?!\1)\w{12}\)\n$/,
    ),
  );
  live.child.kill("SIGINT");
  expect((await said(live)).code).toBe(130);
});

test.concurrent("follows a process through restarts of its container", async () => {
  await using a = await dokkuApp();
  const script = 'trap "echo ending; exit 3" TERM; echo started; while :; do sleep 0.1; done';
  const id = await a.process("web.1", script, { Init: true });
  await using live = await a.live("-f", `${a.app}.web.1`);
  const matches = (text: Buffer, pattern: RegExp) => text.toString().match(pattern)?.length ?? 0;
  for (const runs of [1, 2, 3, 4]) {
    await eventually(() => expect(matches(live.stdout, /started/g)).toBe(runs));
    expect((await api(host).post(`/containers/${id}/restart?t=30`)).status).toBe(204);
  }
  await eventually(() => expect(matches(live.stdout, /started/g)).toBe(5));
  const { stdout } = await docker("logs", id);
  expect(live.stdout.toString()).toBe(stdout.replaceAll(/^(?=.)/gm, "web.1  | "));
  // A quick restart may look like a lost connection, which is not reported.
  expect(live.stderr.toString()).toMatch(/^(oneoff: web\.1 (exited with status 3|started) \(container \w{12}\)\n)+$/);
  live.child.kill("SIGINT");
  await live.done;
});

const PROCESSES = Array.from({ length: 10 }, (_, index) => `w${index}.1`);
const LINES = 10_000;

/** Writes its lines in about a second, each with the name of the process. */
const writer = (name: string) =>
  `i=0; while [ $i -lt 100 ]; do seq $((i * 100 + 1)) $((i * 100 + 100)) | sed 's/^/${name} /'; i=$((i + 1)); sleep 0.005; done`;

/** The engine's time of each line. */
async function engineTimes(ids: readonly string[]): Promise<Map<string, string>> {
  const logs = await Promise.all(ids.map((id) => docker("logs", "--timestamps", id)));
  return new Map(
    logs.flatMap(({ stdout }) =>
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(/ (.*)/) as [string, string])
        .map(([time, text]) => [text, time] as const),
    ),
  );
}

/** The lines as written, after a check of their prefixes. */
const written = (stdout: string) =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [, prefix, text = "", name] = /^(\S+) +\| ((\S+) \d+)$/.exec(line) ?? [line];
      expect(prefix).toBe(name);
      return text;
    });

const EXPECTED = PROCESSES.map((name) => Array.from({ length: LINES }, (_, n) => `${name} ${n + 1}`));

const byProcess = (lines: readonly string[]) => {
  const groups = Map.groupBy(lines, (line) => line.split(" ")[0] ?? "");
  return PROCESSES.map((name) => groups.get(name) ?? []);
};

test.concurrent("merges ten processes of 10,000 lines by the engine's times, with all lines", async () => {
  await using a = await dokkuApp();
  const ids = await Promise.all(PROCESSES.map((name) => a.process(name, writer(name))));
  await exited(...ids);
  const times = await engineTimes(ids);
  for (const words of [
    ["-n", "all"],
    ["-n", String(PROCESSES.length * LINES)],
  ]) {
    const { code, stdout } = await a.logs(...words, a.app);
    expect(code).toBe(0);
    const lines = written(stdout);
    const stamps = lines.map((line) => times.get(line) ?? line);
    expect(stamps.findIndex((stamp, index) => stamp < (stamps[index - 1] ?? ""))).toBe(-1);
    expect(byProcess(lines)).toEqual(EXPECTED);
  }
});

test.concurrent("follows ten processes that write 10,000 lines a second each, and loses none", {
  tags: ["full"],
}, async () => {
  await using a = await dokkuApp();
  const first = await a.process("web.1", "while :; do echo tick; sleep 0.1; done", { Init: true });
  await using live = await a.live("-f", "-n", "0", "--grep", "^w\\d|tick$", a.app);
  await eventually(() => expect(live.stdout.toString()).toContain("tick"));
  await api(host).delete(`/containers/${first}?force=1`);
  const ids = await Promise.all(PROCESSES.map((name) => a.process(name, writer(name))));
  await exited(...ids);
  const total = PROCESSES.length * LINES;
  const lineCount = () => live.stdout.toString().match(/^w\d/gm)?.length;
  await eventually(() => expect(lineCount()).toBe(total), 500);
  live.child.kill("SIGINT");
  const lines = written((await said(live)).stdout.replaceAll(/^web.*\n/gm, ""));
  expect(byProcess(lines)).toEqual(EXPECTED);
});

test.concurrent("survives the rotation of a log, and a reader that pauses, without blocking the process", async () => {
  await using a = await dokkuApp();
  const LogConfig = { Type: "json-file", Config: { "max-size": "6m", "max-file": "4" } };
  const script = "while [ ! -e /go ]; do sleep 0.05; done; seq 150000; touch /done; sleep 600";
  const id = await a.process("web.1", script, { LogConfig, Init: true });
  await using live = await a.live("-f", "-n", "all", a.app);
  live.child.stdout?.pause();
  const exec = (...command: string[]) => docker("exec", id, ...command);
  await exec("touch", "/go");
  // The process writes more than the buffers between it and a reader hold.
  await eventually(async () => expect((await exec("ls", "/done")).stdout).toBe("/done\n"), 500);
  live.child.stdout?.resume();
  await eventually(() => expect(live.stdout.toString().endsWith("| 150000\n")).toBe(true), 500);
  const numbers = live.stdout
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => line.replace("web.1  | ", ""));
  expect(numbers).toEqual(Array.from({ length: 150_000 }, (_, n) => String(n + 1)));
  live.child.kill("SIGINT");
  expect((await said(live)).stderr).toBe("");
});

test.concurrent("names a process whose log cannot be read once, and follows it", async () => {
  await using a = await dokkuApp();
  await a.process("web.1", "echo readable; sleep 600", { Init: true });
  const script = "while :; do echo tick; sleep 0.1; done";
  await a.process("worker.1", script, { LogConfig: { Type: "none" }, Init: true });
  const stderr = "oneoff: the output of worker.1 goes to a log that the engine cannot read\n";
  expect(await a.logs(a.app)).toEqual({ code: 0, stdout: "web.1    | readable\n", stderr });
  await using live = await a.live("-f", a.app);
  await eventually(() => expect(live.stdout.toString()).toContain("worker.1 | tick\n"));
  live.child.kill("SIGINT");
  expect((await said(live)).stderr).toBe(stderr);
});
