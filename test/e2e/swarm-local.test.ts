import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { BINARY, ended, eventually, type Oneoffs, oneoffs, said, see } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { initSwarm } from "../support/swarm-bed.ts";
import { type SwarmObjects, swarmObjects } from "../support/swarm-objects.ts";

/** In ms: a private engine and a Swarm of its own. */
const START_TIMEOUT_MS = 120_000;

const swarm = { ...needs("swarm"), timeout: START_TIMEOUT_MS };
const full = { ...swarm, tags: ["full"] };

const BESIDE = `oneoff: running on node ${hostname()}, beside a service for its network, secrets and configs\n`;
const ON_NODE = `oneoff: running on node ${hostname()}\n`;

let engine: TestEngine;
let objects: SwarmObjects;
let suite: Oneoffs;
let dir: Awaited<ReturnType<typeof folder>>;

/** Everything that a container alone cannot have: secrets, configs, a network that is not attachable. */
const FULL_SERVICE = "shop_web";
const PLAIN_SERVICE = "shop_plain";

beforeAll(async () => {
  engine = await startEngine();
  dir = await folder();
  await baseImage(engine.host);
  await initSwarm(engine.host);
  objects = swarmObjects(engine.host);
  suite = oneoffs(engine.host, "test.oneoff=swarm-local");
  await objects.network("closed");
  await objects.network("open", { Attachable: true });
  const SecretID = await objects.secret("db", "hunter22");
  const ConfigID = await objects.config("app", "conf=1");
  const file = (Name: string, id: string, Mode: number) => ({ File: { Name, UID: id, GID: id, Mode } });
  const Args = ["sleep", "1000"];
  await objects.service(
    FULL_SERVICE,
    {
      ...{ Args, Env: ["A=1"], Hostname: "shop", Hosts: ["10.0.0.9 db.local"], User: "app" },
      Mounts: [{ Type: "volume", Source: "shop_data", Target: "/tmp/data" }],
      Secrets: [{ SecretID, SecretName: "db", ...file("db_password", "1000", 0o400) }],
      Configs: [{ ConfigID, ConfigName: "app", ...file("/etc/app.conf", "0", 0o444) }],
    },
    { TaskTemplate: { Networks: [{ Target: "closed", Aliases: ["web"] }] } },
  );
  await objects.service(PLAIN_SERVICE, { Args }, { TaskTemplate: { Networks: [{ Target: "open" }] } });
  for (const name of [FULL_SERVICE, PLAIN_SERVICE]) await objects.running(name);
}, START_TIMEOUT_MS);

afterAll(async () => {
  await dir?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
});

const run = (words: readonly string[], options: Parameters<Oneoffs["runApp"]>[1] = {}) =>
  suite.runApp(words, { ...options, env: { XDG_STATE_HOME: dir.path, ...options.env } });

/** Waits until only the app's services are left, and no container of a one-off. */
const nothingLeft = async () => {
  await suite.gone();
  await eventually(async () => {
    const { body } = await api(engine.host).get<{ Spec: { Name: string } }[]>("/services");
    expect(body.map(({ Spec }) => Spec.Name).sort()).toEqual([PLAIN_SERVICE, FULL_SERVICE]);
    const containers = (await api(engine.host).get<{ Command: string }[]>("/containers/json?all=1")).body;
    expect(containers.filter(({ Command }) => Command.includes("/sleep"))).toEqual([]);
  });
};

const holders = async () => {
  const filters = encodeURIComponent(JSON.stringify({ label: ["dev.oneoff.kind=holder"] }));
  const { body } = await api(engine.host).get<{ Spec: { Name: string } }[]>(`/services?filters=${filters}`);
  return body.map(({ Spec }) => Spec.Name);
};

/** `oneoff run`, without a shell between, so that it receives the signals. */
const started = (words: readonly string[], stdin: "ignore" | "pipe" = "ignore") =>
  start([BINARY, "run", "--label", suite.label, FULL_SERVICE, ...words], {
    env: { DOCKER_HOST: engine.host, XDG_STATE_HOME: dir.path },
    stdin,
    timeout: START_TIMEOUT_MS,
  });

test("has the secrets, configs, volumes and the closed network of its service, and stdin to EOF", swarm, async () => {
  const input = randomBytes(1_000_000).toString("base64");
  const script = `
    id -un; hostname; echo $A; cat /run/secrets/db_password; echo; cat /etc/app.conf; echo
    stat -c '%a %u:%g %n' /run/secrets/db_password /etc/app.conf
    (: >/etc/app.conf) 2>/dev/null || echo read-only
    grep -c '10.0.0.9.*db.local' /etc/hosts
    nslookup ${FULL_SERVICE} | grep -q 'Address: *10\\.' && echo resolved
    mount | grep -c ' /tmp/data '
    wc -c; echo problem >&2; exit 7`;
  expect(await run([FULL_SERVICE, "sh", "-c", script], { stdin: input })).toEqual({
    code: 7,
    stdout: `app
shop
1
hunter22
conf=1
400 1000:1000 /run/secrets/db_password
444 0:0 /etc/app.conf
read-only
1
resolved
1
${input.length}
`,
    stderr: `${BESIDE}problem\n`,
  });
  await nothingLeft();
});

test("needs no service where attachable networks are enough", full, async () => {
  const script = `nslookup ${PLAIN_SERVICE} | grep -q 'Address: *10\\.' && echo resolved`;
  expect(await run([PLAIN_SERVICE, "sh", "-c", script])).toEqual({ code: 0, stdout: "resolved\n", stderr: ON_NODE });
  await nothingLeft();
});

test("has a TTY", full, async () => {
  const words = ["run", "--label", suite.label, FULL_SERVICE, "sh"];
  await using pty = await suite.ptyOneoff(words, { env: { XDG_STATE_HOME: dir.path } });
  await see(pty, "$ ");
  pty.write("tty; cat /run/secrets/db_password; exit 3\r");
  await see(pty, "/dev/pts/0");
  await see(pty, "hunter22");
  expect((await ended(pty)).code).toBe(3);
  await nothingLeft();
});

test("copies files, holds a lock, and is stopped by its timeout", full, async () => {
  await writeFile(`${dir.path}/in`, "input");
  const files = ["--file", "in:/tmp/in", "--fetch", "/tmp/out:fetched", "--force"];
  const copied = await run(["--quiet", ...files, FULL_SERVICE, "sh", "-c", "cat /tmp/in >/tmp/out"], { cwd: dir.path });
  expect(copied).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(await readFile(`${dir.path}/fetched`, "utf8")).toBe("input");
  const timed = await run(["--quiet", "--lock", "one", "--timeout", "1s", FULL_SERVICE, "sleep", "100"]);
  expect(timed).toMatchObject({ code: 124, stdout: "" });
  await nothingLeft();
});

test("writes to the volume of the service", full, async () => {
  const script = "echo $((6 * 7)) >/tmp/data/answer || id";
  expect(await run(["--quiet", "--user", "root", FULL_SERVICE, "sh", "-c", script])).toMatchObject({ code: 0 });
  const [task] = await objects.running(FULL_SERVICE);
  const { bytes } = await api(engine.host).get(
    `/containers/${task?.Status.ContainerStatus.ContainerID}/archive?path=/tmp/data/answer`,
  );
  expect(bytes.toString()).toContain("42\n");
});

test("runs in the background as a service task, without a service beside it", full, async () => {
  const { code, stdout, stderr } = await run(["--detach", FULL_SERVICE, "true"]);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("as a service task") });
  expect(await holders()).toEqual([]);
  expect((await api(engine.host).delete(`/services/${stdout.trim()}`)).status).toBe(200);
  await nothingLeft();
});

test("reports that the service beside it was stopped", full, async () => {
  await using live = await started(["sh", "-c", "echo up; cat", "sh"], "pipe");
  await eventually(() => expect(live.stdout.toString()).toBe("up\n"));
  for (const name of await holders()) await api(engine.host).delete(`/services/${name}`);
  await eventually(async () => {
    const { body } = await api(engine.host).get<{ Command: string; State: string }[]>("/containers/json");
    expect(body.filter(({ Command }) => Command.includes("/sleep"))).toEqual([]);
  });
  live.child.stdin?.end();
  const { code, stderr } = await said(live);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining("has stopped, and with it the network"),
  });
  await nothingLeft();
});

test("continues detached, with the service beside it", full, async () => {
  const words = ["run", "--tty", "--label", suite.label, FULL_SERVICE, "sh"];
  await using pty = await suite.ptyOneoff(words, { env: { XDG_STATE_HOME: dir.path } });
  await see(pty, "$ ");
  pty.write("\x10\x11");
  await see(pty, /(run\.\d+) is still running/);
  expect((await ended(pty)).code).toBe(0);
  expect(await holders()).toHaveLength(1);
  const [{ Id = "" } = {}] = await suite.containers();
  await api(engine.host).delete(`/containers/${Id}?force=1`);
  for (const name of await holders()) await api(engine.host).delete(`/services/${name}`);
  await nothingLeft();
});

test.each<[signal: NodeJS.Signals, code: number]>([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])("leaves nothing behind if %s interrupts the start of the service", full, async (signal, code) => {
  await using live = await started(["sleep", "100"]);
  await eventually(async () => expect(await holders()).toHaveLength(1), 5);
  live.child.kill(signal);
  expect((await said(live)).code).toBe(code);
  await nothingLeft();
});

test("leaves nothing behind after the third ^C", full, async () => {
  await using live = await started([
    "sh",
    "-c",
    'trap "echo int" INT; trap "" TERM; echo up; while :; do sleep 0.1; done',
  ]);
  await eventually(() => expect(live.stdout.toString()).toBe("up\n"));
  live.child.kill("SIGINT");
  await eventually(() => expect(live.stdout.toString()).toBe("up\nint\n"));
  live.child.kill("SIGINT");
  await eventually(() => expect(live.stderr.toString()).toContain("stopping"));
  live.child.kill("SIGINT");
  expect((await said(live)).code).toBe(130);
  await nothingLeft();
});

test("leaves nothing behind if the container cannot be created", full, async () => {
  const mount = "type=bind,source=/nowhere,target=/x";
  const { code, stderr } = await run(["--mount", mount, FULL_SERVICE, "true"]);
  expect(code).toBe(125);
  expect(stderr).toContain("/nowhere");
  await nothingLeft();
});

test("prints the way, the node and what is created", full, async () => {
  const printed = await run(["--print", FULL_SERVICE, "true"]);
  expect(JSON.parse(printed.stdout)).toMatchObject({
    ...{ way: "sibling", node: hostname() },
    container: { HostConfig: { NetworkMode: "container:HOLDER" } },
  });
  const docker = await run(["--print=docker", PLAIN_SERVICE, "true"]);
  expect(docker.stdout).toMatch(new RegExp(`^# on node ${hostname()}\ndocker run`));
});

test("refuses a node that does not exist, before anything is created", full, async () => {
  expect(await run(["--node", "node9", FULL_SERVICE, "true"])).toEqual({
    ...{ code: 125, stdout: "" },
    stderr: `oneoff: No such node "node9"\nNodes: ${hostname()}\n  docker node ls\n`,
  });
});
