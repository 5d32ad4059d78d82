// @module-tag full
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { eventually, type Oneoffs, oneoffs } from "../support/oneoff-suite.ts";
import { sharedSwarm } from "../support/shared-swarm.ts";
import type { SwarmFacts, SwarmNode } from "../support/swarm-bed.ts";
import { type SwarmObjects, swarmObjects } from "../support/swarm-objects.ts";

const swarm = { ...needs("swarm"), timeout: 120_000 };

interface Scene extends AsyncDisposable {
  readonly nodes: SwarmFacts["nodes"];
  readonly objects: SwarmObjects;
  /** A service with a secret, a closed network and a volume, whose only task is on the second node. */
  readonly service: string;
  readonly suite: Oneoffs;
  /** The working folder. */
  readonly path: string;
  run(words: readonly string[], stdin?: string): ReturnType<Oneoffs["runApp"]>;
}

const second = ({ nodes }: Pick<Scene, "nodes">) => nodes[1] as SwarmNode;

async function openScene(): Promise<Scene> {
  const { nodes } = await sharedSwarm();
  const [{ host }] = nodes;
  await using opened = new AsyncDisposableStack();
  const objects = opened.use(swarmObjects(host));
  const { path } = opened.use(await folder());
  const service = objects.name("far");
  const network = objects.name("closed");
  await objects.network(network);
  const SecretID = await objects.secret(objects.name("db"), "hunter22");
  const File = { Name: "db", UID: "0", GID: "0", Mode: 0o444 };
  const Mounts = [{ Type: "volume", Source: objects.name("data"), Target: "/data" }];
  await objects.service(
    service,
    {
      ...{ Args: ["sh", "-c", "echo of the task >/data/file; sleep 1000"], Env: ["NODE={{.Node.Hostname}}"], Mounts },
      Secrets: [{ SecretID, SecretName: objects.name("db"), File }],
    },
    {
      TaskTemplate: {
        Networks: [{ Target: network }],
        Placement: { Constraints: [`node.hostname==${nodes[1]?.name}`] },
      },
    },
  );
  await objects.running(service);
  const suite = oneoffs(host, `test.oneoff=${service}`);
  const kept = opened.move();
  return {
    ...{ nodes, objects, service, suite, path },
    run: (words, stdin = "ignore") =>
      suite.runApp(words, { stdin, cwd: path, env: { XDG_STATE_HOME: path, DOCKER_CONFIG: `${path}/docker` } }),
    async [Symbol.asyncDispose]() {
      await kept.disposeAsync();
    },
  };
}

const SCRIPT = "echo $NODE; cat /run/secrets/db; echo; cat /data/file; cat; exit 7";
const OUTPUT = "hunter22\nof the task\n";

const name = (path: string, hosts: Readonly<Record<string, string>>) =>
  writeFile(`${path}/oneoff.yaml`, JSON.stringify({ apps: {}, hosts }));

const placed = ({ name }: SwarmNode) =>
  `oneoff: running on node ${name}, beside a service for its network, secrets and configs\n`;

/** Waits until no holder of the service is left, and no one-off on any node. */
async function nothingLeft({ nodes, service }: Scene) {
  await eventually(async () => {
    const { body } = await api(nodes[0].host).get<{ Spec: { Name: string } }[]>("/services");
    expect(body.map(({ Spec }) => Spec.Name).filter((name) => name.startsWith(`${service}-run-`))).toEqual([]);
    for (const { host } of nodes) {
      const filters = encodeURIComponent(JSON.stringify({ label: [`dev.oneoff.app=${service}`] }));
      expect((await api(host).get(`/containers/json?all=1&filters=${filters}`)).body).toEqual([]);
    }
  });
}

test("runs on the node of the service through its engine in oneoff.yaml, with stdin", swarm, async () => {
  await using scene = await openScene();
  const node = second(scene);
  await name(scene.path, { [node.name]: node.host });
  expect(await scene.run([scene.service, "sh", "-c", SCRIPT], "input\n")).toEqual({
    ...{ code: 7, stdout: `${node.name}\n${OUTPUT}input\n` },
    stderr: placed(node),
  });
  await nothingLeft(scene);
});

test("finds the engine of a node as a docker context", swarm, async () => {
  await using scene = await openScene();
  const node = second(scene);
  const id = createHash("sha256").update(node.name).digest("hex");
  await mkdir(`${scene.path}/docker/contexts/meta/${id}`, { recursive: true });
  const meta = { Name: node.name, Endpoints: { docker: { Host: node.host } } };
  await writeFile(`${scene.path}/docker/contexts/meta/${id}/meta.json`, JSON.stringify(meta));
  expect(await scene.run([scene.service, "sh", "-c", SCRIPT])).toEqual({
    ...{ code: 7, stdout: `${node.name}\n${OUTPUT}`, stderr: placed(node) },
  });
  await nothingLeft(scene);
});

test("rejects an engine that is another node, and runs a service task", swarm, async () => {
  await using scene = await openScene();
  const [manager] = scene.nodes;
  const node = second(scene);
  await name(scene.path, { [node.name]: manager.host });
  const { stderr, ...result } = await scene.run([scene.service, "sh", "-c", SCRIPT]);
  expect(result).toEqual({ code: 7, stdout: `${node.name}\n${OUTPUT}` });
  expect(stderr).toBe(
    `oneoff: warning: The engine ${manager.host.slice("unix://".length)} is not node "${node.name}"
oneoff: running as a service task on node ${node.name} (no engine of a fitting node is known)
`,
  );
  await nothingLeft(scene);
});

test("refuses stdin for a service task, with the line that names the engine of the node", swarm, async () => {
  await using scene = await openScene();
  const { code, stdout, stderr } = await scene.run([scene.service, "cat"], "input\n");
  expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
  expect(stderr).toContain(`docker node update --label-add dev.oneoff.host=ssh://USER@${second(scene).name}`);
  await nothingLeft(scene);
});

test("chooses the node that --node names by host name or the beginning of its ID", swarm, async () => {
  await using scene = await openScene();
  const [, , third] = scene.nodes as unknown as [SwarmNode, SwarmNode, SwarmNode];
  const plain = scene.objects.name("plain");
  await scene.objects.service(plain, { Args: ["sleep", "1000"] });
  await scene.objects.running(plain);
  await name(scene.path, { [third.name]: third.host });
  for (const word of [third.name, third.id.slice(0, 10)]) {
    expect(await scene.run(["--node", word, plain, "hostname"])).toMatchObject({
      ...{ code: 0, stderr: `oneoff: running on node ${third.name}\n` },
    });
  }
  const unfit = await scene.run(["--node", third.name, scene.service, "true"]);
  expect(unfit).toMatchObject({ code: 125, stdout: "" });
  expect(unfit.stderr).toContain(`does not satisfy the constraint node.hostname==${second(scene).name}`);
});
