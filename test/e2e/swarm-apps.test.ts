// @module-tag full
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { startEngine, type TestEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { initSwarm } from "../support/swarm-bed.ts";

const swarm = { ...needs("swarm", "docker's client"), timeout: 120_000 };

/** The networks of docker need no holder, so that a one-off is a container with all settings of the service. */
const STACK = `
version: "3.9"
networks: {default: {external: true, name: bridge}}
volumes: {data: {}}
services:
  web:
    image: busybox:local
    command: sleep 1000
    environment: {A: "1", NAME: "{{.Service.Name}}", NODE: "{{.Node.Hostname}}"}
    user: "1000:1234"
    working_dir: /tmp
    read_only: true
    cap_drop: [CHOWN]
    sysctls: {net.ipv4.ip_forward: "1"}
    ulimits: {nofile: {soft: 100, hard: 200}}
    dns: [10.0.0.53]
    dns_search: [example.com]
    extra_hosts: ["db:10.0.0.9"]
    stop_signal: INT
    stop_grace_period: 3s
    volumes: ["data:/data", {type: tmpfs, target: /cache}]
    deploy: {resources: {limits: {memory: 64M, cpus: "0.5", pids: 50}}}
`;

let engine: TestEngine;
let home: Awaited<ReturnType<typeof folder>>;

const run = async (argv: readonly string[]) =>
  said(await start(argv, { env: { DOCKER_HOST: engine.host, XDG_STATE_HOME: home.path }, timeout: swarm.timeout }));
const oneoff = (...args: string[]) => run([BINARY, ...args]);
const docker = async (...args: string[]) => {
  const { code, stdout, stderr } = await run(["docker", ...args]);
  if (code !== 0) throw new Error(stderr);
  return stdout.trim();
};
const deploy = (stack: string) =>
  docker("stack", "deploy", "--resolve-image", "never", "--compose-file", `${home.path}/stack.yaml`, stack);
const taskOf = (service: string) =>
  eventually(async () => {
    const ids = await docker("ps", "--quiet", "--filter", `label=com.docker.swarm.service.name=${service}`);
    expect(ids).toMatch(/^\w+$/);
    return ids;
  });

beforeAll(async () => {
  engine = await startEngine();
  home = await folder();
  await baseImage(engine.host);
  await initSwarm(engine.host);
  await writeFile(`${home.path}/stack.yaml`, STACK);
  await deploy("shop");
}, swarm.timeout);

afterAll(async () => {
  await home?.[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
});

test("copies a service as its own task has it", swarm, async () => {
  const task = await taskOf("shop_web");
  const { code, stdout: id } = await oneoff("run", "--print", "shop_web", "true");
  expect(code).toBe(0);
  const printed = JSON.parse(id).container;
  const [{ Config, HostConfig }] = JSON.parse(await docker("inspect", task));
  const copied = ["Dns", "DnsSearch", "ExtraHosts", "CapDrop", "ReadonlyRootfs", "Sysctls", "Ulimits", "NetworkMode"];
  for (const key of [...copied, "Memory", "NanoCpus", "PidsLimit", "Mounts"]) {
    expect.soft(printed.HostConfig[key], key).toEqual(HostConfig[key]);
  }
  for (const key of ["User", "WorkingDir", "StopSignal"]) expect.soft(printed[key], key).toBe(Config[key]);
  const script =
    "id; pwd; echo $A $NAME $NODE; ulimit -n; cat /etc/resolv.conf; grep db /etc/hosts; ls -d /data /cache";
  expect((await oneoff("run", "shop_web", "sh", "-c", script)).stdout.trim()).toBe(
    await docker("exec", task, "sh", "-c", script),
  );
});

test.each(["shop_web", "shop/web", "web", "swarm:web"])("finds a service by %s", swarm, async (name) =>
  expect(await oneoff("run", name, "sh", "-c", "echo $A")).toMatchObject({ code: 0, stdout: "1\n" }),
);

test("copies the spec of a service, not a task that is older", swarm, async () => {
  await docker(
    "service",
    "create",
    "--detach",
    "--no-resolve-image",
    "--name",
    "api",
    "busybox:local",
    "sleep",
    "1000",
  );
  const task = await taskOf("api");
  // The old task continues, because no node fits the new one.
  await docker(
    ...["service", "update", "--detach", "--no-resolve-image", "--env-add", "NEW=1"],
    ...["--update-order", "start-first", "--limit-memory", "32M", "--reserve-memory", "1000G", "api"],
  );
  expect(await docker("exec", task, "sh", "-c", "echo [$NEW]")).toBe("[]");
  const { stdout, stderr } = await oneoff("run", "--print", "api", "true");
  expect(JSON.parse(stdout || "{}").container?.Env, stderr).toContainEqual(expect.stringMatching(/^NEW=/));
  await docker("service", "rm", "api");
});

test("lists services with their tasks, and none that was removed", swarm, async () => {
  await docker(
    "service",
    "create",
    "--detach",
    "--no-resolve-image",
    "--name",
    "gone",
    "busybox:local",
    "sleep",
    "1000",
  );
  await taskOf("gone");
  await docker("service", "rm", "gone");
  const { stdout } = await oneoff("apps", "--format", "json");
  expect(JSON.parse(stdout)).toMatchObject([
    {
      name: "shop_web",
      from: "swarm",
      state: "running",
      processes: [{ processType: "shop_web", running: 1, total: 1 }],
    },
  ]);
});

test("refuses a short name of two stacks, and changes no service that it did not deploy", swarm, async () => {
  await deploy("blog");
  expect(await oneoff("run", "web", "true")).toMatchObject({
    code: 125,
    stderr: expect.stringContaining("swarm:blog_web, swarm:shop_web"),
  });
  const before = await docker("service", "inspect", "shop_web");
  for (const command of [
    ["scale", "shop_web", "web=2"],
    ["ps:stop", "shop_web"],
    ["restart", "shop_web"],
    ["destroy", "-y", "shop_web"],
  ]) {
    const { code, stderr } = await oneoff(...command);
    expect
      .soft([code, stderr])
      .toEqual([1, expect.stringMatching(/Swarm service that oneoff did not deploy\n {2}docker service /)]);
  }
  expect((await oneoff("deploy", "--image", "busybox:local", "shop_web")).code).toBe(1);
  expect(await docker("service", "inspect", "shop_web")).toBe(before);
  expect(await docker("ps", "--all", "--quiet", "--filter", "label=dev.oneoff.kind")).toBe("");
});

test("reports the Swarm in doctor, with a drained node", swarm, async () => {
  const node = await docker("node", "ls", "--quiet");
  await docker("node", "update", "--availability", "drain", node);
  const { stdout } = await oneoff("doctor");
  expect(stdout).toMatch(/^ok +swarm +manager; 1 node, 1 manager/m);
  expect(stdout).toMatch(/^warn +swarm +node \S+ takes no tasks \(drain\)/m);
});
