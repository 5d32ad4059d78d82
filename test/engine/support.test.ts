import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { afterAll, expect, inject, test } from "vitest";
import { baseImage, buildImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api, containers, removeByLabel } from "../support/docker-api.ts";
import { startEngine } from "../support/engine.ts";
import { run, start } from "../support/process.ts";
import { type OwnNode, startSwarm } from "../support/swarm-bed.ts";

const host = inject("engineHost");
const label = "oneoff.test=support";
const create = async (host: string, Cmd: string[], more: object = {}, Image = "busybox:local") => {
  const Labels = Object.fromEntries([label.split("=")]);
  const { status, body } = await api(host).post("/containers/create", { Image, Cmd, Labels, ...more });
  expect(status, body.message).toBe(201);
  return body.Id as string;
};

const ran = async (host: string, Cmd: string[], more: object = {}, image?: string) => {
  const id = await create(host, Cmd, { Tty: true, ...more }, image);
  const started = await api(host).post(`/containers/${id}/start`);
  expect(started.status, started.body.message).toBe(204);
  const { body } = await api(host).post(`/containers/${id}/wait`);
  const logs = await api(host).get(`/containers/${id}/logs?stdout=1&stderr=1`);
  return { code: body.StatusCode as number, output: logs.bytes.toString() };
};

afterAll(() => removeByLabel(host, label));

test("runs `true` in the base image", async () => {
  expect(await ran(host, ["true"])).toEqual({ code: 0, output: "" });
});

test("the base image has a shell, a PATH, a user with a home and a world-writable /tmp", async () => {
  const seen = 'echo $PATH; id -un; cd; pwd; touch x /tmp/x && stat -c "%U %a" . /tmp; stat -c %a /root';
  const { code, output } = await ran(host, ["sh", "-c", seen], { User: "app" });
  expect(output.split("\r\n")).toEqual(["/bin", "app", "/app", "app 755", "root 1777", "700", ""]);
  expect(code).toBe(0);
});

test("builds a fixture from a Dockerfile and files, and runs its scripts", async () => {
  const id = await buildImage(
    host,
    "oneoff-support:1",
    "FROM busybox:local\nCOPY greet /\nENV WHO=you\nRUN /greet >/said",
    {
      greet: "#!/usr/bin/env sh\necho hello $WHO\n",
    },
  );
  expect(id).toMatch(/^sha256:/);
  expect((await ran(host, ["cat", "/said"], {}, "oneoff-support:1")).output).toBe("hello you\r\n");
  expect((await api(host).delete("/images/oneoff-support:1?force=1")).status).toBe(200);
});

test("throws the engine's message when a build fails", async () => {
  const build = (dockerfile: string) => buildImage(host, "oneoff-support:2", dockerfile);
  await expect(build("FROM busybox:local\nRUN exit 3")).rejects.toThrow(/non-zero code: 3|exit status 3/);
  await expect(build("NONSENSE")).rejects.toThrow(/NONSENSE|FROM (instruction|statement)/);
});

test("finds and removes containers by their label only", async () => {
  const mine = await create(host, ["sleep", "60"]);
  await api(host).post(`/containers/${mine}/start`);
  const other = await create(host, ["true"], { Labels: { "oneoff.test": "another" } });
  expect((await containers(host, label)).map(({ Id }) => Id)).toContain(mine);
  await removeByLabel(host, label);
  expect(await containers(host, label)).toEqual([]);
  expect((await containers(host, "oneoff.test=another")).map(({ Id }) => Id)).toEqual([other]);
  await removeByLabel(host, "oneoff.test=another");
});

test("removes nothing without a label", async () => {
  await expect(removeByLabel(host, "")).rejects.toThrow("Without a label");
});

/** Fails if a process or a mount names a folder. */
const expectNoTraceOf = async (dir: string) => {
  expect(existsSync(dir)).toBe(false);
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const naming = async (file: string) => (await readFile(file, "utf8").catch(() => "")).includes(dir);
  for (const pid of processes) expect(await naming(`/proc/${pid}/cmdline`), `process ${pid}`).toBe(false);
  expect(await naming("/proc/self/mounts")).toBe(false);
};

const links = async () => (await run(["ip", "-o", "link"])).stdout.toString();

test("a private engine is isolated, and leaves nothing behind", needs("its own"), async () => {
  const before = await links();
  let dir: string;
  {
    await using engine = await startEngine();
    dir = engine.dir;
    expect(engine.host).not.toBe(host);
    expect(engine.version).toBe((await api(host).get("/version")).body.Version);
    // A process that ignores SIGTERM and holds a mount.
    await baseImage(engine.host);
    const id = await create(engine.host, ["sleep", "600"]);
    expect((await api(engine.host).post(`/containers/${id}/start`)).status).toBe(204);
    expect(await links()).toBe(before);
  }
  await expectNoTraceOf(dir);
});

test("a Swarm of three nodes notices a frozen and a killed one, is isolated, and leaves nothing behind", {
  ...needs("swarm"),
  tags: ["full"],
}, async () => {
  const before = await links();
  let dirs: string[];
  {
    await using swarm = await startSwarm({ managers: 3 });
    const [first, second, third] = swarm.nodes as [OwnNode, OwnNode, OwnNode];
    dirs = swarm.nodes.map((node) => dirname(node.host.slice("unix://".length)));
    expect(await links()).toBe(before);
    const states = async () => {
      const { body } = await api(first.host).get("/nodes");
      const entries = body.map((node: { Description: { Hostname: string }; Status: { State: string } }) => [
        node.Description.Hostname,
        node.Status.State,
      ]);
      return Object.fromEntries(entries);
    };
    const ready = { node1: "ready", node2: "ready", node3: "ready" };
    expect(await states()).toEqual(ready);
    await third.freeze();
    await expect.poll(states).toEqual({ ...ready, node3: "down" });
    await third.thaw();
    await expect.poll(states).toEqual(ready);
    await second.kill();
    await expect.poll(states).toEqual({ ...ready, node2: "down" });
    await second.restart();
    await expect.poll(states).toEqual(ready);
  }
  for (const dir of dirs) await expectNoTraceOf(dir);
});

const restored = "a container outlives a daemon with --live-restore, however the daemon exits";
test(restored, { ...needs("its own", "live restore"), tags: ["full"] }, async () => {
  await using engine = await startEngine({ liveRestore: true });
  await baseImage(engine.host);
  const id = await create(engine.host, ["sleep", "600"]);
  await api(engine.host).post(`/containers/${id}/start`);
  const state = async () => (await api(engine.host).get(`/containers/${id}/json`)).body.State;
  const { Pid } = await state();

  await engine.kill("SIGKILL");
  await expect(api(engine.host).get("/_ping")).rejects.toThrow(/ECONNREFUSED|ENOENT/);
  await expect(engine.kill("SIGKILL")).rejects.toThrow("not running");
  await engine.restart();
  expect(await state()).toMatchObject({ Running: true, Pid });

  await engine.restart();
  expect(await state()).toMatchObject({ Running: true, Pid });
});

test("a stopped engine accepts connections and does not answer until it continues", needs("its own"), async () => {
  await using engine = await startEngine();
  await engine.kill("SIGSTOP");
  const answer = api(engine.host).get("/_ping");
  const silence = new Promise((resolve) => setTimeout(resolve, 300, "silence"));
  expect(await Promise.race([answer, silence])).toBe("silence");
  await engine.kill("SIGCONT");
  expect((await answer).body).toBe("OK");
});

test("reports why an engine cannot start", needs("its own"), async () => {
  await expect(startEngine({ args: ["--log-level", "none-such"] })).rejects.toThrow(/ended at once.*none-such/s);
});

test("a test run killed with -9 kills its engine too, and the next run removes the folder", {
  ...needs("its own"),
  tags: ["full"],
}, async () => {
  // The registry of a Swarm ends like an engine, and has its data in the first one's folder.
  const hasSwarm = inject("engine").name === "docker" && !inject("engine").rootless;
  const support = (file: string) => JSON.stringify(new URL(`../support/${file}`, import.meta.url).href);
  const script = hasSwarm
    ? `const { startSwarm } = await import(${support("swarm-bed.ts")});
    const { nodes } = await startSwarm({ nodes: 1 });
    console.log(nodes[0].host.slice(7, -7)); setInterval(() => {}, 1000);`
    : `const { startEngine } = await import(${support("engine.ts")});
    console.log((await startEngine()).dir); setInterval(() => {}, 1000);`;
  let dir: string;
  {
    await using owner = await start(["node", "--input-type=module", "-e", script], { timeout: 60_000 });
    await expect.poll(() => owner.stdout.toString(), { timeout: 30_000 }).toContain("\n");
    dir = owner.stdout.toString().trim();
  }
  await expect
    .poll(
      () =>
        api(`unix://${dir}/socket`)
          .get("/_ping")
          .catch(() => "gone"),
      { timeout: 10_000 },
    )
    .toBe("gone");
  expect(existsSync(dir)).toBe(true);
  await using _next = await startEngine();
  await expectNoTraceOf(dir);
});
