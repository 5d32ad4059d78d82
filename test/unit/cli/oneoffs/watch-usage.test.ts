import { expect, test } from "vitest";
import { watchUsage } from "../../../../src/cli/oneoffs/watch-usage.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { UsageRow } from "../../../../src/output/usage-list.ts";
import { details } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";

const GIB = 1024 ** 3;

const row = (id: string, isLive = true) => ({
  id,
  isLive,
  app: undefined,
  name: id,
  state: "up",
  created: 0,
  command: "",
});

const sample = (total: number, usage: number) =>
  `${JSON.stringify({
    cpu_stats: { cpu_usage: { total_usage: total }, system_cpu_usage: 2e9, online_cpus: 2 },
    precpu_stats: { cpu_usage: { total_usage: 0 }, system_cpu_usage: 1e9 },
    memory_stats: { usage, stats: null },
  })}\n`;

const event = (Action: string, ID: string) =>
  `${JSON.stringify({ Action, Actor: { ID, Attributes: {} }, timeNano: 1 })}\n`;

/** Watches the rows that `list` returns. */
async function watched(list: () => ReturnType<typeof row>[], hasTasks = false) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const terminal = fakeTerminal({ input: "terminal", outputIsTerminal: true });
  const events = engine.on("GET /events");
  let rows: readonly UsageRow[] = [];
  let frames = 0;
  let lists = 0;
  const done = watchUsage(
    transport,
    terminal,
    async () => {
      lists += 1;
      return { rows: list(), hasTasks };
    },
    (next) => {
      rows = next;
      frames += 1;
      return "frame";
    },
  );
  const stream = (await events).acknowledge();
  return {
    engine,
    stream,
    nextFrame: async () => {
      const before = frames;
      await expect.poll(() => frames, { timeout: 20_000 }).toBeGreaterThan(before);
    },
    usageOf: (name: string) => {
      const { cpuPercent, memory, memoryLimit, restarts } = rows.find((one) => one.name === name) as UsageRow;
      return [cpuPercent, memory, memoryLimit, restarts];
    },
    lists: () => lists,
    async [Symbol.asyncDispose]() {
      terminal.stdin.write("q");
      expect(await done).toBe(0);
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

test("requests a list, and an inspect and a stream of each running container, and nothing each second", async () => {
  const inspected = (id: string, RestartCount: number, Memory = 0) =>
    watch.engine.on(`GET /containers/${id}/json`, 200, details({}, { Memory }, { RestartCount }));
  let rows = [row("a"), row("b"), row("exited", false)];
  await using watch = await watched(() => rows);
  inspected("a", 0, GIB);
  inspected("b", 3);
  const [a, b] = await Promise.all([
    watch.engine.on("GET /containers/a/stats"),
    watch.engine.on("GET /containers/b/stats"),
  ]);
  a.acknowledge().write(sample(5e8, 1000) + sample(1e9, 2000));
  b.acknowledge();
  await expect.poll(() => watch.usageOf("a"), { timeout: 20_000 }).toEqual([200, 2000, GIB, 0]);
  expect(watch.usageOf("b")).toEqual([undefined, undefined, undefined, 3]);
  await watch.nextFrame();
  await watch.nextFrame();
  expect(watch.lists()).toBe(1);
  expect(watch.engine.lines.map((line) => line.split("?")[0]).toSorted()).toEqual([
    ...["GET /containers/a/json", "GET /containers/a/stats", "GET /containers/b/json", "GET /containers/b/stats"],
    "GET /events",
  ]);
  // One restarts, the other one exits.
  inspected("a", 1, GIB);
  rows = [row("a")];
  watch.stream.write(event("die", "b") + event("start", "a"));
  await expect.poll(() => watch.usageOf("a")[3], { timeout: 20_000 }).toBe(1);
  await expect.poll(() => b.socket.destroyed, { timeout: 20_000 }).toBe(true);
  expect(watch.lists()).toBe(2);
});

test("opens a stream again that was cut, but not one that the engine refuses", async () => {
  await using watch = await watched(() => [row("a"), row("refused")]);
  for (const id of ["a", "a", "refused"]) watch.engine.on(`GET /containers/${id}/json`, 200, details());
  watch.engine.on("GET /containers/refused/stats", 500, { message: "cgroups v1 rootless" });
  const cut = await watch.engine.on("GET /containers/a/stats");
  cut.acknowledge();
  cut.socket.destroy();
  const next = await watch.engine.on("GET /containers/a/stats");
  next.acknowledge().write(sample(1, 42));
  await expect.poll(() => watch.usageOf("a")[1], { timeout: 20_000 }).toBe(42);
  await watch.nextFrame();
  expect(watch.engine.lines.filter((line) => line.includes("refused/stats"))).toHaveLength(1);
});

test("requests the list of tasks every second", async () => {
  await using watch = await watched(() => [], true);
  await watch.nextFrame();
  await watch.nextFrame();
  expect(watch.lists()).toBeGreaterThan(1);
});
