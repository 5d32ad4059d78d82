// @module-tag full
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api, ask } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, type Said, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { sharedSwarm } from "../support/shared-swarm.ts";
import { swarmObjects } from "../support/swarm-objects.ts";

/** A Swarm may be built first. */
const TEST_TIMEOUT_MS = 240_000;

const CONDITIONS = { ...needs("swarm"), timeout: TEST_TIMEOUT_MS };

type Way = "with known engines" | "without known engines";

/** Three nodes, and a folder whose oneoff.yaml names the engines of the workers, or none. */
async function scene(way: Way = "without known engines") {
  const { nodes } = await sharedSwarm();
  const stack = new AsyncDisposableStack();
  const objects = stack.use(swarmObjects(nodes[0].host));
  const hosts = nodes.slice(1).map(({ name, host }) => `  ${name}: ${host}\n`);
  const yaml = way === "with known engines" ? { "oneoff.yaml": `hosts:\n${hosts.join("")}` } : {};
  const home = stack.use(await folder(yaml));
  const begin = (host: string, words: readonly string[]) =>
    start([BINARY, ...words], {
      ...{ env: { DOCKER_HOST: host, XDG_STATE_HOME: home.path }, cwd: home.path, timeout: TEST_TIMEOUT_MS },
    });
  const oneoff = async (...words: string[]): Promise<Said> => said(await begin(nodes[0].host, words));
  return {
    ...{ nodes, objects, home, oneoff, begin },
    on: async (host: string, ...words: string[]) => said(await begin(host, words)),
    json: async (...words: string[]) => JSON.parse((await oneoff("ps", "--format", "json", ...words)).stdout),
    /** A service with one task on each node, or on the node with this number. */
    async service(script: string, replicas: number, node?: number): Promise<string> {
      const name = objects.name("web");
      const Constraints = node === undefined ? [] : [`node.hostname==${nodes[node]?.name}`];
      const TaskTemplate = { Placement: { Constraints, MaxReplicas: node === undefined ? 1 : 0 } };
      await objects.service(
        name,
        { Args: ["sh", "-c", script] },
        { TaskTemplate, Mode: { Replicated: { Replicas: replicas } } },
      );
      return name;
    },
    /** Starts a one-off as a task on the second node, and waits until it runs. @returns its name. */
    async task(app: string, script: string): Promise<string> {
      const { code, stderr } = await oneoff("run", "--detach", "--anywhere", app, "sh", "-c", script);
      expect(code, stderr).toBe(0);
      const [, name = ""] = /(run\.\d+)/.exec(stderr) ?? [];
      await eventually(async () =>
        expect((await oneoff("ps", app)).stdout).toMatch(new RegExp(`^${name}: up on`, "m")),
      );
      return name;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test("lists the tasks on all nodes, and names the managers on a worker", CONDITIONS, async () => {
  await using s = await scene();
  const app = await s.service("exec sleep 100000", 3);
  const tasks = await s.objects.running(app, 3);
  const rows = await s.json(app);
  const nameOf = (id: string) => s.nodes.find((node) => node.id === id)?.name;
  const expected = tasks.map(({ ID, NodeID, Status }) => [ID, nameOf(NodeID), Status.ContainerStatus.ContainerID]);
  const listed = rows.map(({ task, node, containerId }: Record<string, string>) => [task, node, containerId]);
  expect(listed.toSorted()).toEqual(expected.toSorted());
  expect(rows.map(({ name, slot, state, error }: Record<string, string>) => [name, slot, state, error])).toEqual(
    [1, 2, 3].map((slot) => [`${app}.${slot}`, slot, "up", null]),
  );
  const human = await s.oneoff("ps", app);
  expect(human.stdout).toMatch(new RegExp(`^${app}\\.1: up on node[123] \\d`, "m"));
  const worker = await s.on(s.nodes[1]?.host ?? "", "ps", app);
  expect(worker.stdout.match(/: up /g)).toHaveLength(1);
  expect(worker.stderr).toContain(`use the engine of a manager: ${s.nodes[0].address}:2377`);
});

test("lists why tasks do not run, and no containers of a removed service", CONDITIONS, async () => {
  await using s = await scene();
  const failing = await s.service("sleep 1; exit 7", 1, 0);
  const app = s.objects.name("pending");
  const id = await s.objects.service(
    app,
    { Args: ["true"] },
    { TaskTemplate: { Placement: { Constraints: ["node.labels.no==1"] } } },
  );
  await eventually(async () =>
    expect((await s.oneoff("ps", failing)).stdout).toMatch(/ {2}last failure on node1 .*: task: non-zero exit \(7\)/),
  );
  await eventually(async () =>
    expect((await s.oneoff("ps", app)).stdout).toMatch(/: starting \(pending\) .*\n {2}no suitable node \(scheduling/),
  );
  await api(s.nodes[0].host).delete(`/services/${id}`);
  await eventually(async () => expect(await s.oneoff("ps", "--all", app)).toMatchObject({ code: 1, stdout: "" }));
});

describe.each<Way>(["with known engines", "without known engines"])("%s", (way) => {
  const isKnown = way === "with known engines";

  test("runs a command in a task on another node, or prints the line for it", CONDITIONS, async () => {
    await using s = await scene(way);
    const app = await s.service("exec sleep 100000", 1, 1);
    const [task] = await s.objects.running(app);
    const host = s.nodes[1]?.host ?? "";
    for (const words of [[`${app}.1`], [app], ["--node", "node2", app], ["--task", task?.ID.slice(0, 8) ?? "", app]]) {
      const { code, stdout, stderr } = await s.oneoff("exec", ...words, "sh", "-c", "cat /etc/hostname; exit 3");
      expect([code, stdout], stderr).toEqual(
        isKnown ? [3, `${task?.Status.ContainerStatus.ContainerID.slice(0, 12)}\n`] : [125, ""],
      );
      if (isKnown) continue;
      expect(stderr).toContain(`${app}.1 is on node "node2", whose engine is not known`);
      const [, container = ""] = /exec --host ssh:\/\/10\.77\.0\.12 (\S+) …/.exec(stderr) ?? [];
      expect(await s.oneoff("exec", "--host", host, container, "echo", "there")).toMatchObject({
        code: 0,
        stdout: "there\n",
      });
    }
    const wrong = await s.oneoff("exec", "--node", "node3", app, "true");
    expect([wrong.code, wrong.stderr]).toEqual([125, expect.stringContaining(`tasks: ${task?.ID} on node2`)]);
  });

  test("attaches to a one-off on another node, copies from it, waits for it", CONDITIONS, async () => {
    await using s = await scene(way);
    const app = await s.service("exec sleep 100000", 1, 1);
    const script =
      "echo one; echo two >&2; echo kept >/tmp/file; until [ -e /tmp/go ]; do sleep 0.1; done; echo end; exit 5";
    const name = await s.task(app, script);
    const attached = await s.begin(s.nodes[0].host, ["attach", name]);
    if (isKnown) {
      expect(await s.oneoff("exec", name, "cat", "/tmp/file")).toMatchObject({ code: 0, stdout: "kept\n" });
      expect(await s.oneoff("cp", `${name}:/tmp/file`, "copy")).toMatchObject({ code: 0 });
      expect(readFileSync(`${s.home.path}/copy`, "utf8")).toBe("kept\n");
    } else {
      expect(await said(attached)).toMatchObject({
        code: 125,
        stderr: expect.stringContaining("oneoff attach --host ssh://10.77.0.12"),
      });
      expect(await s.oneoff("cp", `${name}:/tmp/file`, "copy")).toMatchObject({ code: 1 });
    }
    const waiting = s.oneoff("wait", name);
    const [task] = await s.objects.running(`${app}-${name.replace(".", "-")}`);
    await ask(s.nodes[1]?.host ?? "", task?.Status.ContainerStatus.ContainerID ?? "", "touch /tmp/go");
    expect(await waiting).toMatchObject({ code: 5 });
    expect(await s.oneoff("wait", name)).toMatchObject({ code: 5 });
    if (isKnown)
      expect(await said(attached)).toMatchObject({
        code: 5,
        stdout: "one\nend\n",
        stderr: expect.stringContaining("two\n"),
      });
    expect(await s.json("--all", app)).toContainEqual(
      expect.objectContaining({ name, state: "crashed", exitCode: 5, node: "node2" }),
    );
  });

  test("stops a one-off on another node, and reports its exit code", CONDITIONS, async () => {
    await using s = await scene(way);
    const app = await s.service("exec sleep 100000", 1, 1);
    const script = "trap 'exit 9' TERM; touch /tmp/up; while :; do sleep 0.1; done";
    const [first, second] = [await s.task(app, script), await s.task(app, script)];
    expect(await s.oneoff("stop", first)).toMatchObject({ code: 0, stderr: `Stopped ${first} of ${app}\n` });
    expect(await s.oneoff("wait", first)).toMatchObject({ code: 9 });
    expect(await s.oneoff("stop", first)).toMatchObject({ code: 0, stderr: `${first} of ${app} has already exited\n` });
    expect(await s.oneoff("stop", app)).toMatchObject({ code: 0, stderr: `Stopped ${second} of ${app}\n` });
    expect(await s.oneoff("wait", first, second)).toMatchObject({ code: 9, stdout: `${first} 9\n${second} 9\n` });
    const stopped = await s.oneoff("stop", `${app}.1`);
    if (isKnown) expect(stopped).toMatchObject({ code: 0, stderr: expect.stringContaining(`Swarm replaces ${app}.1`) });
    else
      expect(stopped).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("docker --host ssh://10.77.0.12 stop"),
      });
  });
});
