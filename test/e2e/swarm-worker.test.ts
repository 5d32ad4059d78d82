// @module-tag full
import { expect, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { sharedSwarm } from "../support/shared-swarm.ts";
import { swarmObjects } from "../support/swarm-objects.ts";

const swarm = { ...needs("swarm"), timeout: 120_000 };

test("refuses to copy a task on a worker, and names the managers", swarm, async () => {
  const { nodes } = await sharedSwarm();
  const [manager, worker] = nodes;
  if (!worker) throw new Error("expected a second node");
  await using objects = swarmObjects(manager.host);
  await using home = await folder();
  const name = objects.name("near");
  const Placement = { Constraints: [`node.id==${worker.id}`] };
  await objects.service(name, { Args: ["sleep", "1000"], Env: ["A=1"] }, { TaskTemplate: { Placement } });
  const [task] = await objects.running(name);
  const run = async (...words: string[]) => {
    const env = { DOCKER_HOST: worker.host, XDG_STATE_HOME: home.path };
    return said(await start([BINARY, "run", ...words], { env, timeout: swarm.timeout }));
  };
  expect(await run(name, "true")).toEqual({
    code: 125,
    stdout: "",
    stderr: expect.stringContaining(`managers: ${manager.address}:2377\n  oneoff run --host ssh://MANAGER ${name} …`),
  });
  expect(await run("shop_elsewhere", "true")).toMatchObject({
    code: 125,
    stderr: expect.stringContaining("this engine is a worker, and only managers know all services"),
  });
  const filters = encodeURIComponent(JSON.stringify({ label: [`dev.oneoff.app=${name}`] }));
  expect((await api(worker.host).get(`/containers/json?all=1&filters=${filters}`)).body).toEqual([]);
  const container = `${name}.1.${task?.ID}`;
  expect(await run("--network", "none", `container:${container}`, "sh", "-c", "echo $A")).toEqual({
    ...{ code: 0, stdout: "1\n" },
    stderr: expect.stringContaining(`One-offs do not get the secrets and configs of ${container}`),
  });
});
