import { expect, test } from "vitest";
import type { SwarmNode } from "../../../../../src/engine/swarm/node-types.ts";
import { openTransport } from "../../../../../src/engine/transport.ts";
import { addressesOf, findNodeEngine } from "../../../../../src/oneoff/swarm/placement/node-engine.ts";
import type { Event } from "../../../../../src/output/events.ts";
import { fakeEngine } from "../../../../support/fake-engine.ts";

const node: SwarmNode = {
  ID: "n2",
  Spec: { Role: "worker", Availability: "active", Labels: { "dev.oneoff.host": "ssh://node2" } },
  Description: { Hostname: "node2" },
  Status: { State: "ready" },
};

test("knows addresses of a node from oneoff.yaml, docker's contexts and a label, in this order", () => {
  const hosts = new Map([["node2", "ssh://deploy@10.0.0.2"]]);
  expect(addressesOf(node, { hosts, contexts: ["default", "node2"] })).toEqual([
    { host: "ssh://deploy@10.0.0.2" },
    { context: "node2" },
    { host: "ssh://node2" },
  ]);
  const unlabelled = { ...node, Spec: { ...node.Spec, Labels: null } };
  expect(addressesOf(unlabelled, { hosts: new Map(), contexts: ["default"] })).toEqual([]);
});

test("uses the first engine that is the node, and reports the others", async () => {
  await using other = await fakeEngine();
  other.on("GET /info", 200, { Swarm: { NodeID: "n3" } });
  await using own = await fakeEngine();
  own.on("GET /info", 200, { DockerRootDir: "/data", Swarm: { NodeID: "n2" } });
  const events: Event[] = [];
  const addresses = ["/no/such.sock", other.socketPath, own.socketPath].map((host) => ({ host }));
  const open = ({ host = "" }) => openTransport(() => ({ socketPath: host, from: "--host" }));
  const found = await findNodeEngine((event) => events.push(event), node, { addresses, open });
  await using engine = found?.engine;
  expect([engine?.endpoint, found?.rootDir]).toEqual([{ socketPath: own.socketPath, from: "--host" }, "/data"]);
  expect(events).toEqual([
    { type: "warning", message: "Cannot reach the engine at /no/such.sock: no such socket" },
    { type: "warning", message: `The engine ${other.socketPath} is not node "node2"` },
  ]);
});
