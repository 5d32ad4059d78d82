import { expect, test } from "vitest";
import { openTransport } from "../../../../../src/engine/transport.ts";
import { managerServices } from "../../../../../src/oneoff/swarm/services/manager-services.ts";
import { fakeEngine } from "../../../../support/fake-engine.ts";

async function asked(status: number, body: unknown) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /services", status, body);
  return await managerServices(transport);
}

const refused = (message: string) => asked(503, { message });

test("returns the services of a manager", async () => {
  expect(await asked(200, [])).toEqual([]);
});

test("returns undefined for workers and engines outside of a Swarm", async () => {
  const worker =
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.";
  expect(await refused(worker)).toBeUndefined();
  const outside =
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';
  expect(await refused(outside)).toBeUndefined();
});

test("rejects the answer of a manager without a leader", async () => {
  const message = "rpc error: code = Unknown desc = The swarm does not have a leader.";
  await expect(refused(message)).rejects.toThrow("does not have a leader");
});

test("never asks Podman", async () => {
  await using engine = await fakeEngine({ server: "Libpod/5.8.6 (linux)" });
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  transport.recognize("Libpod/5.8.6 (linux)");
  expect(await managerServices(transport)).toBeUndefined();
  expect(engine.lines).toEqual([]);
});
