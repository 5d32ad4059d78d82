import { expect, test } from "vitest";
import { baseImage } from "../support/base-image.ts";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { startEngine } from "../support/engine.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, said } from "../support/oneoff-suite.ts";
import { type ProcessOptions, start } from "../support/process.ts";
import { pushTo } from "../support/registry.ts";
import { LOGIN } from "../support/registry-folder.ts";
import { sharedSwarm } from "../support/shared-swarm.ts";
import { initSwarm, startSwarm } from "../support/swarm-bed.ts";
import { swarmObjects } from "../support/swarm-objects.ts";

/** In ms: engines of their own, and a node that others give up after more than ten seconds. */
const TEST_TIMEOUT_MS = 180_000;

const TOLD = "oneoff: running as a service task (--anywhere)\n";

/** A service, and one-offs of it. @param host of a manager. */
async function scene(host: string, more: { constraint?: string; container?: object } = {}) {
  const stack = new AsyncDisposableStack();
  const home = stack.use(await folder());
  const objects = stack.use(swarmObjects(host));
  const app = objects.name("web");
  const Placement = { Constraints: more.constraint ? [more.constraint] : [] };
  await objects.service(app, { Args: ["sleep", "1000"], ...more.container }, { TaskTemplate: { Placement } });
  const env = { DOCKER_HOST: host, XDG_STATE_HOME: home.path };
  const begin = (words: readonly string[], options: Omit<ProcessOptions, "stdin"> = {}) =>
    start([BINARY, ...words], { timeout: TEST_TIMEOUT_MS, ...options, env: { ...env, ...options.env } });
  return {
    ...{ app, objects, begin },
    begun: (...words: readonly string[]) => begin(["run", "--anywhere", ...words]),
    run: async (...words: readonly string[]) => said(await begin(["run", "--anywhere", ...words])),
    /** The names of the services of its one-offs. */
    async services(): Promise<string[]> {
      const { body } = await api(host).get("/services");
      const names = body.map(({ Spec }: { Spec: { Name: string } }) => Spec.Name) as string[];
      return names.filter((name) => name.startsWith(`${app}-`));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test("runs a one-off of a service as a task, and leaves nothing", {
  ...needs("swarm"),
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  await using engine = await startEngine();
  await baseImage(engine.host);
  await initSwarm(engine.host);
  await using s = await scene(engine.host, { container: { Env: ["A=1", "NODE={{.Node.Hostname}}"] } });
  const script = 'echo "$A $B $DYNO" | cut -c 1-8; test -n "$NODE" && echo error >&2; exit 7';
  expect(await s.run("-e", "B=2", s.app, "sh", "-c", script)).toEqual({
    ...{ code: 7, stdout: "1 2 run.\n" },
    stderr: `${TOLD}error\n`,
  });
  expect(await s.run(s.app, "nope")).toMatchObject({ code: 127 });
  expect(await s.run("--image", "nope:1", s.app, "true")).toMatchObject({
    code: 125,
    stderr: expect.stringContaining('Image "nope:1" not found on node'),
  });
  await using stopped = await s.begun(
    s.app,
    "sh",
    "-c",
    "trap 'echo int; exit 3' INT; echo up; while :; do sleep 0.1; done",
  );
  await eventually(() => expect(stopped.stdout.toString()).toBe("up\n"));
  stopped.child.kill("SIGINT");
  expect(await said(stopped)).toEqual({ code: 3, stdout: "up\nint\n", stderr: TOLD });
  expect(await s.services()).toEqual([]);
});

test("prints every byte of a task on another node", {
  ...needs("swarm"),
  tags: ["full"],
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const { nodes } = await sharedSwarm();
  await using s = await scene(nodes[0].host, { constraint: `node.id==${nodes[1]?.id}` });
  const script =
    'seq 200000; seq 20000 >&2; head -c 100000 /bin/busybox; echo; head -c 300005 /dev/zero | tr "\\0" z; exit 7';
  const written = await (await start(["sh", "-c", "seq 200000"])).done;
  await using run = await s.begun(s.app, "sh", "-c", script);
  const { code, stdout, stderr } = await run.done;
  expect(code).toBe(7);
  const binary = stdout.subarray(written.stdout.length, written.stdout.length + 100_000);
  const { stdout: expected } = await (await s.begun(s.app, "head", "-c", "100000", "/bin/busybox")).done;
  expect(expected).toHaveLength(100_000);
  expect(stdout.subarray(0, written.stdout.length).equals(written.stdout)).toBe(true);
  expect(binary.equals(expected)).toBe(true);
  expect(stdout.subarray(written.stdout.length + 100_000).toString()).toBe(`\n${"z".repeat(300_005)}`);
  expect(stderr.toString()).toBe(`${TOLD}${Array.from({ length: 20_000 }, (_, i) => `${i + 1}\n`).join("")}`);
});

test("stops a task on another node, with its last output and its exit code", {
  ...needs("swarm"),
  tags: ["full"],
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const { nodes } = await sharedSwarm();
  await using s = await scene(nodes[0].host, { constraint: `node.id==${nodes[1]?.id}` });
  const script = "trap 'echo term; exit 9' TERM; echo up; while :; do sleep 0.1; done";
  await using stopped = await s.begun(s.app, "sh", "-c", script);
  await eventually(() => expect(stopped.stdout.toString()).toBe("up\n"));
  stopped.child.kill("SIGTERM");
  expect(await said(stopped)).toEqual({ code: 9, stdout: "up\nterm\n", stderr: TOLD });
  expect(await s.run("--timeout", "1s", s.app, "sh", "-c", script)).toMatchObject({ code: 124, stdout: "up\nterm\n" });
  await using removed = await s.begun(s.app, "sleep", "1000");
  await eventually(async () => expect(await s.services()).toHaveLength(1));
  for (const _ of [1, 2, 3]) removed.child.kill("SIGINT");
  expect((await removed.done).code).toBe(130);
  expect(await s.services()).toEqual([]);
});

test("refuses what a service task cannot have before anything is created", {
  ...needs("swarm"),
  tags: ["full"],
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const { nodes } = await sharedSwarm();
  await using s = await scene(nodes[0].host);
  const words = ["run", "--anywhere", s.app, "cat"];
  const piped = await start([BINARY, ...words], { env: { DOCKER_HOST: nodes[0].host }, stdin: "data" });
  expect(await said(piped)).toMatchObject({
    code: 125,
    stdout: "",
    stderr: expect.stringContaining("cannot have stdin"),
  });
  // CI services pass a pipe that nothing writes to.
  const silent = await start([BINARY, ...words], { env: { DOCKER_HOST: nodes[0].host }, stdin: "pipe" });
  expect((await said(silent)).code).toBe(0);
  expect(await s.run("--device", "/dev/fuse", s.app, "true")).toMatchObject({ code: 125 });
  expect(await s.services()).toEqual([]);
});

test("sends the credentials of docker, so that another node pulls the image", {
  ...needs("swarm"),
  tags: ["full"],
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const { nodes, registry } = await sharedSwarm();
  await using s = await scene(nodes[0].host, { constraint: `node.id==${nodes[1]?.id}` });
  const image = await pushTo(nodes[0].host, registry)("busybox:local", s.app);
  const auth = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64");
  await using config = await folder({ "config.json": JSON.stringify({ auths: { [registry]: { auth } } }) });
  await using none = await folder();
  const run = async (DOCKER_CONFIG: string) =>
    said(await s.begin(["run", "--anywhere", "--image", image, s.app, "echo", "pulled"], { env: { DOCKER_CONFIG } }));
  const refused = await run(none.path);
  expect(refused.code).toBe(125);
  expect(refused.stderr).toContain(`docker login ${registry}, or on the node: docker pull`);
  expect(await run(config.path)).toEqual({ code: 0, stdout: "pulled\n", stderr: TOLD });
  await api(nodes[1]?.host ?? "").delete(`/images/${image}?force=1`);
});

test("gives up where no node fits, and tells why", {
  ...needs("swarm"),
  tags: ["full"],
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const { nodes } = await sharedSwarm();
  await using s = await scene(nodes[0].host, { constraint: "node.labels.nowhere==1" });
  const { code, stderr } = await s.run("--start-timeout", "2s", s.app, "true");
  expect(code).toBe(125);
  expect(stderr).toContain("within 2 s: no suitable node (scheduling constraints not satisfied on 3 nodes)");
  expect(await s.services()).toEqual([]);
});

test("keeps a detached task with its exit code", {
  ...needs("swarm"),
  tags: ["full"],
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  const { nodes } = await sharedSwarm();
  await using s = await scene(nodes[0].host, { constraint: `node.id==${nodes[1]?.id}` });
  const { code, stdout, stderr } = await s.run("--detach", s.app, "sh", "-c", "echo out; sleep 1; exit 4");
  expect(code).toBe(0);
  const [, name = ""] = /(run\.\d+) is running in the background/.exec(stderr) ?? [];
  const [service = ""] = await s.services();
  expect(service).toBe(`${s.app}-${name.replace(".", "-")}`);
  const details = await api(nodes[0].host).get(`/services/${stdout.trim()}`);
  expect(details.body.Spec).toMatchObject({ Name: service, Labels: { "dev.oneoff.retain": "86400" } });
  expect((await said(await s.begin(["wait", stdout.trim()]))).code).toBe(4);
  expect((await said(await s.begin(["logs", "--raw", stdout.trim()]))).stdout).toBe("out\n");
  await api(nodes[0].host).delete(`/services/${service}`);
});

test("reports a drained and a lost node", {
  ...needs("swarm"),
  tags: ["full"],
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  await using swarm = await startSwarm({ nodes: 2, managers: 1 });
  const [manager, worker] = swarm.nodes;
  if (!worker) throw new Error("expected two nodes");
  await using s = await scene(manager.host, { constraint: `node.id==${worker.id}` });
  const script = "trap 'echo term; exit 0' TERM; echo up; while :; do sleep 0.1; done";
  const availability = async (Availability: "active" | "drain") => {
    const { body } = await api(manager.host).get(`/nodes/${worker.id}`);
    const path = `/nodes/${worker.id}/update?version=${body.Version.Index}`;
    expect((await api(manager.host).post(path, { ...body.Spec, Availability })).status).toBe(200);
  };
  await using drained = await s.begun(s.app, "sh", "-c", script);
  await eventually(() => expect(drained.stdout.toString()).toBe("up\n"));
  await availability("drain");
  const { code, stdout, stderr } = await said(drained);
  expect({ code, stdout }).toEqual({ code: 143, stdout: "up\nterm\n" });
  expect(stderr).toContain(`was stopped: node "${worker.name}" is drained`);
  await availability("active");

  await using lost = await s.begun(s.app, "sh", "-c", script);
  await eventually(() => expect(lost.stdout.toString()).toBe("up\n"));
  await worker.freeze();
  const outcome = await said(lost);
  expect(outcome).toMatchObject({ code: 125, stdout: "up\n" });
  expect(outcome.stderr).toContain(`Node "${worker.name}" does not respond`);
  expect(await s.services()).toHaveLength(1);
  await worker.thaw();
});
