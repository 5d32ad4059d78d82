import { Buffer } from "node:buffer";
import type { Credentials } from "../../src/engine/registry.ts";
import type { Task } from "../../src/engine/swarm/task-types.ts";
import { openTransport } from "../../src/engine/transport.ts";
import type { RunOptions } from "../../src/oneoff/spec/options.ts";
import { buildSpec } from "../../src/oneoff/spec/spec.ts";
import { runDetachedTask, runServiceTask } from "../../src/oneoff/swarm/run/run-task.ts";
import { toServiceApp } from "../../src/oneoff/swarm/services/service-app.ts";
import { copyServiceSpec } from "../../src/oneoff/swarm/services/service-copy.ts";
import type { Event } from "../../src/output/events.ts";
import { fakeEngine } from "./fake-engine.ts";
import { fakeJournal } from "./fake-journal.ts";
import { fakeTerminal } from "./fake-terminal.ts";
import { frame } from "./frame.ts";
import { swarmNode, swarmService, swarmTask, type TaskTraits } from "./swarm-tasks.ts";

export const CREATE = "POST /services/create";
export const REMOVE = "DELETE /services/s1";
export const TASKS = "GET /tasks";
export const TASK = "GET /tasks/t1";
export const LOGS = "GET /tasks/t1/logs";
export const SERVICE = "GET /services/s1";
export const UPDATE = "POST /services/s1/update";
export const NODE = "GET /nodes/id-of-node2";

type Settings = {
  options?: Partial<RunOptions>;
  terminal?: ReturnType<typeof fakeTerminal>;
  credentials?: Credentials;
  startTimeoutS?: number;
};

/** An entry of a task's log. */
export const logEntry = (type: 1 | 2, second: number, text: string | Buffer): Buffer =>
  frame(type, Buffer.concat([Buffer.from(`2026-11-30T06:17:0${second}.000000000Z `), Buffer.from(text)]));

/** A one-off of the service shop_web as a task on node2 of another engine. Its service gets the ID s1, its task t1. */
export async function taskScene({
  options,
  terminal = fakeTerminal(),
  credentials,
  startTimeoutS = 30,
}: Settings = {}) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }), {
    timeoutsMs: { reconnectPause: 20, reconnect: 120, manager: 300, taskLog: 300 },
  });
  const service = swarmService(
    "shop_web",
    {},
    {
      TaskTemplate: { ContainerSpec: { Image: "shop:1", Args: ["serve"], Env: ["A=1"] } },
    },
  );
  const { copy } = copyServiceSpec(service, { node: { id: undefined, hostname: undefined }, networks: [] });
  const app = {
    ...({ name: "shop_web", from: "swarm" } as const),
    ...{ image: "shop:1", env: new Map([["A", "1"]]), procfile: new Map() },
    settings: {},
  };
  const defaults = { args: ["migrate"], env: new Map(), labels: new Map(), detach: false, binds: [], mounts: [] };
  const { input, outputIsTerminal } = terminal;
  const spec = buildSpec(
    app,
    { ...defaults, ...options },
    { input, outputIsTerminal, size: undefined, owner: "here:1" },
    copy,
  );
  const task = {
    ...{ spec, service: toServiceApp(service), copy, image: undefined, nodeId: undefined, startTimeoutS },
    instead: "remove --anywhere",
  };
  const events: Event[] = [];
  const journal = fakeJournal();
  let chance = 0;
  const context = {
    ...{ engine: transport, terminal, journal, detachKeys: Buffer.alloc(0) },
    report: (event: Event) => void events.push(event),
    random: () => [0, 0.5][chance++] ?? 0.9,
    owner: { self: "here:1", isAlive: () => undefined },
    ...(credentials && { credentials }),
  };
  engine.always(NODE, 200, swarmNode("node2"));
  engine.always("GET /info", 200, { Swarm: { NodeID: "id-of-node1" } });
  return {
    ...{ engine, terminal, events, journal, spec },
    run: () => runServiceTask(context, task).catch((error: unknown) => error),
    runDetached: () => runDetachedTask(context, task).catch((error: unknown) => error),
    /** The state of the task from now on. */
    become(state: Task["Status"]["State"], traits: TaskTraits = {}) {
      const one = { ...swarmTask(service, state, { node: "node2", ...traits }), ID: "t1" };
      engine.always(TASKS, 200, [one]);
      engine.always(TASK, 200, one);
    },
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}
