// @module-tag full
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api, ask, type ContainerSummary } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually } from "../support/oneoff-suite.ts";
import { type StartedProcess, start } from "../support/process.ts";
import { type OwnNode, type OwnSwarm, startSwarm } from "../support/swarm-bed.ts";
import { type SwarmObjects, swarmObjects } from "../support/swarm-objects.ts";

const TIMEOUT_MS = 240_000;

const WAYS = ["as a service task", "by the engine of the node"] as const;
type Way = (typeof WAYS)[number];

/** Three managers, and a worker that has the only task of a service. Nothing of it is left after the file. */
describe("nodes that fail while a service task runs", needs("swarm"), () => {
  let swarm: OwnSwarm;
  let managers: [OwnNode, OwnNode, OwnNode];
  let worker: OwnNode;
  let objects: SwarmObjects;
  let app: string;

  beforeAll(async () => {
    swarm = await startSwarm({ nodes: 4, managers: 3 });
    const [first, second, third, fourth] = swarm.nodes as [OwnNode, OwnNode, OwnNode, OwnNode];
    managers = [first, second, third];
    worker = fourth;
    objects = swarmObjects(first.host);
    app = objects.name("app");
    await objects.service(
      app,
      { Args: ["sleep", "100000"], Mounts: [{ Type: "volume", Source: "data", Target: "/data" }] },
      { TaskTemplate: { Placement: { Constraints: ["node.hostname==node4"] } } },
    );
    await objects.running(app);
  }, TIMEOUT_MS);

  afterAll(() => swarm?.[Symbol.asyncDispose](), TIMEOUT_MS);

  /** In the service's own task, which has the volume of the one-offs. */
  const onWorker = async (script: string): Promise<string> => {
    // After a restart of the worker, its manager still reports a task that ended with it.
    const container = await eventually(async () => {
      const [task] = await objects.running(app);
      const id = task?.Status.ContainerStatus.ContainerID as string;
      expect((await api(worker.host).get(`/containers/${id}/json`)).body.State?.Running).toBe(true);
      return id;
    });
    return ask(worker.host, container, script);
  };

  /** A one-off that notes each run of its command, and continues when it may. */
  const startNoted = async (way: Way, name: string): Promise<StartedProcess> => {
    await onWorker(`rm -f /data/${name} /data/${name}.go`);
    const hosts = `hosts:\n  ${worker.name}: ${worker.host}\n`;
    const home = await folder(way === "as a service task" ? {} : { "oneoff.yaml": hosts });
    const script = `echo ran >>/data/${name}; echo begun; while ! [ -e /data/${name}.go ]; do sleep 0.1; done; echo end; exit 7`;
    const env = { DOCKER_HOST: managers[0].host, XDG_STATE_HOME: home.path };
    const live = await start([BINARY, "run", "--quiet", app, "sh", "-c", script], {
      ...{ env, cwd: home.path, timeout: TIMEOUT_MS },
    });
    live.done.finally(() => home[Symbol.asyncDispose]()).catch(() => {});
    await eventually(() => expect(live.stdout.toString()).toBe("begun\n"));
    return live;
  };
  const goOn = (name: string) => onWorker(`touch /data/${name}.go`);
  const runs = (name: string) => onWorker(`cat /data/${name}`);
  const said = async (live: StartedProcess) => {
    const { code, stdout, stderr } = await live.done;
    return { code, stdout: stdout.toString(), stderr: stderr.toString() };
  };
  const leader = async (by: OwnNode): Promise<OwnNode> => {
    const { body } = await api(by.host).get<{ ID: string; ManagerStatus?: { Leader?: boolean } }[]>("/nodes");
    const found = managers.find(({ id }) => body.some(({ ID, ManagerStatus }) => ID === id && ManagerStatus?.Leader));
    return found ?? Promise.reject(new Error("no leader"));
  };
  const nodeState = async (node: OwnNode) => (await api(managers[0].host).get(`/nodes/${node.id}`)).body.Status?.State;

  /**
   * The services, and the containers of the worker, but tasks of the app itself, which Swarm restarts and keeps. One that was
   * being removed when its engine was killed has no name.
   */
  const objectsNow = async (): Promise<string[]> => {
    const services = (await api(managers[0].host).get("/services")).body;
    const containers = (await api(worker.host).get<ContainerSummary[]>("/containers/json?all=1")).body;
    return [
      ...services.map(({ Spec }: { Spec: { Name: string } }) => Spec.Name),
      ...containers
        .filter(({ Labels }) => Labels["com.docker.swarm.service.name"] !== app)
        .map(({ Id, Names }) => Names[0] ?? Id),
    ].sort();
  };

  afterEach(async () => {
    await worker.thaw().catch(() => worker.restart());
    await eventually(async () => expect(await nodeState(worker)).toBe("ready"));
    await objects.running(app);
  });

  describe.each(WAYS)("%s", (way) => {
    const prefix = way.replaceAll(" ", "-");
    const expectOneRun = async (name: string, live: StartedProcess, before: readonly string[]) => {
      await goOn(name);
      expect(await said(live)).toEqual({ code: 7, stdout: "begun\nend\n", stderr: "" });
      expect(await runs(name)).toBe("ran");
      await eventually(async () => expect(await objectsNow()).toEqual(before));
    };

    test("a worker that is frozen for a moment costs nothing", async () => {
      const before = await objectsNow();
      const name = `${prefix}-moment`;
      await using live = await startNoted(way, name);
      await worker.freeze();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await worker.thaw();
      await expectOneRun(name, live, before);
    });

    test("two leader changes and a restart of the manager leave one run, with all of its output", async () => {
      const before = await objectsNow();
      const name = `${prefix}-leaders`;
      await using live = await startNoted(way, name);
      for (const _change of [1, 2]) {
        const old = await eventually(() => leader(managers[0]));
        const other = managers.find(({ id }) => id !== old.id) as OwnNode;
        await old.kill();
        await eventually(async () => expect((await leader(other)).id).not.toBe(old.id));
        await old.restart();
      }
      await managers[0].restart();
      await eventually(() => leader(managers[0]));
      await expectOneRun(name, live, before);
    });
  });

  /** The owner of a lost one-off has exited. */
  const expectReaped = (before: readonly string[]) =>
    eventually(async () => {
      await using home = await folder();
      const env = { DOCKER_HOST: managers[0].host, XDG_STATE_HOME: home.path };
      await said(await start([BINARY, "reap"], { env, cwd: home.path, timeout: TIMEOUT_MS }));
      expect(await objectsNow()).toEqual(before);
    });

  const expectLost = async (live: StartedProcess, message: RegExp) => {
    const { code, stdout, stderr } = await said(live);
    expect(stdout).toBe("begun\n");
    expect(stderr).toMatch(message);
    expect(code).toBe(125);
  };

  test.each([
    ["frozen", "freeze", "thaw"],
    ["killed", "kill", "restart"],
  ] as const)(
    "the worker of a service task that is %s is reported, and the command runs once",
    async (how, end, begin) => {
      const before = await objectsNow();
      await using live = await startNoted("as a service task", how);
      await worker[end]();
      await expectLost(live, /node4.*may still run/s);
      await worker[begin]();
      await eventually(async () => expect(await nodeState(worker)).toBe("ready"));
      expect(await runs(how)).toBe("ran");
      await expectReaped(before);
    },
  );

  test("a one-off by the engine of a worker that is down for a while continues", async () => {
    const before = await objectsNow();
    await using live = await startNoted("by the engine of the node", "while");
    await worker.freeze();
    await eventually(async () => expect(await nodeState(worker)).toBe("down"));
    await worker.thaw();
    await eventually(async () => expect(await nodeState(worker)).toBe("ready"));
    await goOn("while");
    expect(await said(live)).toMatchObject({ code: 7, stdout: "begun\nend\n" });
    expect(await runs("while")).toBe("ran");
    await eventually(async () => expect(await objectsNow()).toEqual(before));
  });

  test("a one-off by the engine of a worker that is killed is reported, and runs once", async () => {
    const before = await objectsNow();
    await using live = await startNoted("by the engine of the node", "lost");
    await worker.kill();
    await expectLost(live, /connection to the engine was lost/);
    await worker.restart();
    await eventually(async () => expect(await nodeState(worker)).toBe("ready"));
    expect(await runs("lost")).toBe("ran");
    await expectReaped(before);
  });
});
