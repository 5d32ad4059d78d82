// @module-tag full
import { expect, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { type SwarmNode, startSwarm } from "../support/swarm-bed.ts";

/** In ms: three engines, and a node that others give up after more than ten seconds. */
const TEST_TIMEOUT_MS = 180_000;

const TASKS = 10;

/** Each line has the name of its task. stderr has every tenth line. */
const WRITER =
  'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); if [ $((i % 10)) = 0 ]; then echo "$TASK $i" >&2; else echo "$TASK $i"; fi; sleep 0.05; done';

async function createService(node: SwarmNode, Name: string, more: { replicas: number; script: string }) {
  const { status, body } = await api(node.host).post("/services/create", {
    Name,
    TaskTemplate: {
      ContainerSpec: {
        ...{ Image: "busybox:local", Command: ["sh", "-c", more.script], Init: true },
        Env: ["TASK={{.Task.ID}}"],
      },
    },
    Mode: { Replicated: { Replicas: more.replicas } },
    EndpointSpec: { Mode: "dnsrr" },
  });
  expect(status, JSON.stringify(body)).toBe(201);
}

interface TaskAnswer {
  readonly ID: string;
  readonly NodeID: string;
  readonly Status: { readonly State: string; readonly ContainerStatus: { readonly ContainerID: string } };
}

const tasksOf = async (node: SwarmNode, name: string): Promise<TaskAnswer[]> =>
  (await api(node.host).get(`/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [name] }))}`)).body;

const runningTasks = async (node: SwarmNode, name: string) =>
  (await tasksOf(node, name)).filter(({ Status }) => Status.State === "running");

/** The lines of the tasks, after a check of their prefixes. */
const linesOf = (stdout: string) =>
  stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const [, time = "", task = line, number] = /^shop_web\.\d+ +\| (?:(\S+Z) )?(\w+) (\d+)$/.exec(line) ?? [];
      return { time, task, number: Number(number) };
    });

/** By task, the numbers that it has written in their order. */
const numbersByTask = (stdout: string): ReadonlyMap<string, number[]> =>
  new Map(
    Array.from(
      Map.groupBy(linesOf(stdout), ({ task }) => task),
      ([task, lines]) => [task, lines.map(({ number }) => number)],
    ),
  );

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

test("merges ten tasks on three nodes, and repeats nothing when a node returns", {
  ...needs("swarm"),
  timeout: TEST_TIMEOUT_MS,
}, async () => {
  await using swarm = await startSwarm();
  await using home = await folder();
  const [manager, worker] = swarm.nodes;
  if (!worker) throw new Error("A node is missing");
  await createService(manager, "shop_web", { replicas: TASKS, script: WRITER });
  await eventually(async () => expect((await runningTasks(manager, "shop_web")).length).toBe(TASKS), 200);
  const first = await runningTasks(manager, "shop_web");
  expect(new Set(first.map(({ NodeID }) => NodeID)).size).toBe(3);
  const env = { DOCKER_HOST: manager.host, XDG_STATE_HOME: home.path };
  const logs = (...words: string[]) => start([BINARY, "logs", ...words], { env, timeout: TEST_TIMEOUT_MS });

  await using live = await logs("-f", "-n", "all", "shop_web");
  const lastOf = ({ ID }: TaskAnswer) => numbersByTask(live.stdout.toString()).get(ID)?.at(-1) ?? 0;
  const allReach = (tasks: readonly TaskAnswer[], number: number) =>
    eventually(() => expect(Math.min(...tasks.map(lastOf))).toBeGreaterThan(number), 500);
  await allReach(first, 20);

  // All output up to now, in the order of time.
  const timed = linesOf((await said(await logs("-n", "all", "--timestamps", "shop_web"))).stdout);
  const latest = new Map<string, string>();
  const keys = timed.map(({ task, time }) => {
    // stdout and stderr may overtake one another.
    const key = [latest.get(task) ?? "", time].sort().at(-1) ?? "";
    latest.set(task, key);
    return key;
  });
  expect(keys).toEqual(keys.toSorted());
  for (const [task, lines] of Map.groupBy(timed, ({ task }) => task))
    expect(
      lines.map(({ number }) => number),
      task,
    ).toEqual(upTo(lines.length));

  await worker.freeze();
  const missing = "is incomplete: node node2 is down";
  await eventually(() => expect(live.stderr.toString()).toContain(missing), 500);
  const history = await said(await logs("-n", "1", "shop_web"));
  expect(history.code).toBe(0);
  expect(history.stderr).toContain(missing);
  const others = first.filter(({ NodeID }) => NodeID !== worker.id);
  await allReach(others, Math.max(...others.map(lastOf)) + 20);

  await worker.thaw();
  const ofWorker = first.filter(({ NodeID }) => NodeID === worker.id);
  // Their successors run on other nodes.
  await eventually(() => {
    for (const { Status } of ofWorker)
      expect(live.stderr.toString()).toMatch(
        new RegExp(`exited.*\\(container ${Status.ContainerStatus.ContainerID.slice(0, 12)}\\)`),
      );
  }, 500);
  const isOfWorker = ({ ID }: TaskAnswer) => ofWorker.some((one) => one.ID === ID);
  const successors = await eventually(async () => {
    const running = await runningTasks(manager, "shop_web");
    expect(running.filter((task) => !isOfWorker(task)).length).toBe(TASKS);
    return running;
  }, 500);
  await allReach(successors, 20);
  live.child.kill("SIGINT");
  const { stdout } = await said(live);
  const numbers = numbersByTask(stdout);
  expect(numbers.size).toBe(TASKS + ofWorker.length);
  // An engine that was frozen reads stdout and stderr in any order.
  const sorted = (written: readonly number[]) => written.toSorted((a, b) => a - b);
  const isError = (number: number) => number % 10 === 0;
  for (const [task, written] of numbers) {
    const [errors, output] = [written.filter(isError), written.filter((number) => !isError(number))];
    expect([errors, output], task).toEqual([sorted(errors), sorted(output)]);
    expect(sorted(written), task).toEqual(upTo(written.length));
  }
  for (const task of ofWorker) {
    const query = "stdout=1&stderr=1&tail=1";
    const log = await api(worker.host).get(`/containers/${task.Status.ContainerStatus.ContainerID}/logs?${query}`);
    expect(log.bytes.toString()).toContain(`${task.ID} ${numbers.get(task.ID)?.length}\n`);
  }
});
