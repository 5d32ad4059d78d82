import { expect, test } from "vitest";
import type { SwarmFacts } from "../../../../src/cli/doctor/facts.ts";
import { swarmFindings } from "../../../../src/cli/doctor/swarm-findings.ts";
import type { SwarmNode } from "../../../../src/engine/swarm/node-types.ts";
import { swarmNode } from "../../../support/swarm-tasks.ts";

const managers = [{ NodeID: "n1", Addr: "10.0.0.1:2377" }];
const lines = (facts: Partial<SwarmFacts>) =>
  swarmFindings({ isManager: true, state: "active", error: undefined, managers, nodes: undefined, ...facts }).map(
    ({ status, message, next }) => `${status} ${message}${next === undefined ? "" : ` > ${next}`}`,
  );
const leader: SwarmNode = {
  ...swarmNode("node1"),
  Spec: { Role: "manager", Availability: "active" },
  ManagerStatus: { Leader: true, Reachability: "reachable", Addr: "10.0.0.1:2377" },
};

test("reports a manager with the nodes of its Swarm", () =>
  expect(lines({ nodes: [leader, swarmNode("node2"), swarmNode("node3")] })).toEqual([
    "ok manager; 3 nodes, 1 manager (10.0.0.1:2377); leader node1",
  ]));

test("warns about nodes that are down, drained, or unreachable as managers", () => {
  const drained: SwarmNode = { ...swarmNode("node3"), Spec: { Role: "worker", Availability: "drain" } };
  const unreachable: SwarmNode = {
    ...leader,
    ...{ Description: { Hostname: "node4" } },
    ManagerStatus: { Reachability: "unreachable" },
  };
  const nodes = [leader, swarmNode("node2", "down", "heartbeat failure"), drained, unreachable];
  expect(lines({ nodes }).slice(1)).toEqual([
    "warn node node2 is down: heartbeat failure > docker node inspect --pretty node2",
    "warn node node3 takes no tasks (drain) > docker node update --availability active node3",
    "warn node node4 is not reachable as a manager > docker node inspect --pretty node4",
  ]);
});

test("reports a worker with the managers, which know all services", () =>
  expect(lines({ isManager: false })).toEqual(["ok worker; only managers know all services: 10.0.0.1:2377"]));

test.each([
  [{ state: "locked", isManager: false }, "warn the manager is locked > docker swarm unlock"],
  [
    { error: "The swarm does not have a leader" },
    "warn The swarm does not have a leader; managers: 10.0.0.1:2377 > docker info, docker node ls",
  ],
  [
    { state: "pending", isManager: false, managers: [] },
    "warn the state of the engine is pending > docker info, docker node ls",
  ],
])("warns about %j", (facts, line) => expect(lines(facts)).toEqual([line]));
