import { expect, test } from "vitest";
import type { SwarmNode } from "../../../../../src/engine/swarm/node-types.ts";
import type { Placement, ServiceSpec } from "../../../../../src/engine/swarm/service-types.ts";
import {
  fittingNodes,
  matchNodes,
  usesNodeData,
  whyUnfit,
} from "../../../../../src/oneoff/swarm/placement/choose-node.ts";

interface Facts {
  readonly role?: SwarmNode["Spec"]["Role"];
  readonly availability?: SwarmNode["Spec"]["Availability"];
  readonly state?: SwarmNode["Status"]["State"];
  readonly labels?: Record<string, string>;
}

const node = (name: string, { role = "worker", availability = "active", state = "ready", labels }: Facts = {}) =>
  ({
    ID: `id-${name}`,
    Spec: { Role: role, Availability: availability, ...(labels && { Labels: labels }) },
    Description: {
      Hostname: name,
      Platform: { Architecture: "x86_64", OS: "linux" },
      Engine: { Labels: { disk: "ssd" } },
    },
    Status: { State: state, Addr: "10.77.0.2" },
  }) satisfies SwarmNode;

const service = (Placement: Placement, Mounts: object[] = []) =>
  ({ Name: "web", TaskTemplate: { Placement, ContainerSpec: { Image: "i", Mounts } } }) as ServiceSpec;

test.each<[constraint: string, isSatisfied: boolean]>([
  ["node.id==id-one", true],
  ["node.id != id-one", false],
  ["node.hostname==ONE", true],
  ["node.role==manager", false],
  ["node.role!=manager", true],
  ["node.platform.os==linux", true],
  ["node.platform.arch==aarch64", false],
  ["node.labels.zone==a", true],
  ["node.labels.zone==b", false],
  ["node.labels.rack==1", false],
  ["node.labels.rack!=1", true],
  ["engine.labels.disk==ssd", true],
  ["node.ip==10.77.0.2", true],
  ["node.ip==10.77.0.0/24", true],
  ["node.ip!=10.77.0.0/24", false],
  ["node.ip==10.78.0.0/24", false],
  ["node.unknown==x", false],
  ["node.unknown!=x", false],
])("evaluates %s", (constraint, isSatisfied) => {
  const reason = whyUnfit(node("one", { labels: { zone: "a" } }), service({ Constraints: [constraint] }));
  expect(reason).toBe(isSatisfied ? undefined : `it does not satisfy the constraint ${constraint}`);
});

test("names why a node cannot run a service", () => {
  expect(whyUnfit(node("one", { state: "down" }), service({}))).toBe("the node is down");
  expect(whyUnfit(node("one", { availability: "drain" }), service({}))).toBe('the availability of the node is "drain"');
  const arm = service({ Platforms: [{ Architecture: "arm64", OS: "linux" }] });
  expect(whyUnfit(node("one"), arm)).toBe("the image is for another platform");
  const several = service({
    Platforms: [
      { Architecture: "arm64", OS: "linux" },
      { Architecture: "amd64", OS: "linux" },
    ],
  });
  expect(whyUnfit(node("one"), several)).toBe(undefined);
});

const names = (nodes: readonly SwarmNode[]) => nodes.map(({ Description }) => Description.Hostname);
const three = [node("one"), node("two"), node("three")];

test("prefers the own node, then nodes with tasks", () => {
  const facts = { nodes: three, ownId: "id-three", taskNodes: ["id-two"] };
  expect(names(fittingNodes({ ...facts, spec: service({}) }))).toEqual(["three", "two", "one"]);
  const elsewhere = service({ Constraints: ["node.hostname!=three"] });
  expect(names(fittingNodes({ ...facts, spec: elsewhere }))).toEqual(["two", "one"]);
});

test("follows the tasks of a service with data of a node", () => {
  const spec = service({}, [{ Type: "volume", Source: "data", Target: "/data" }]);
  expect(names(fittingNodes({ spec, nodes: three, ownId: "id-three", taskNodes: ["id-two"] }))).toEqual(["two"]);
  expect(names(fittingNodes({ spec, nodes: three, ownId: "id-three", taskNodes: [] }))).toEqual([
    "three",
    "one",
    "two",
  ]);
});

test.each<[mount: object, isOfNode: boolean]>([
  [{ Type: "bind", Source: "/srv", Target: "/srv" }, true],
  [{ Type: "tmpfs", Target: "/tmp" }, false],
  [{ Type: "volume", Target: "/data" }, true],
  [{ Type: "volume", Target: "/data", VolumeOptions: { DriverConfig: { Name: "rexray" } } }, false],
  [
    { Type: "volume", Target: "/data", VolumeOptions: { DriverConfig: { Name: "local", Options: { type: "nfs" } } } },
    false,
  ],
  [
    { Type: "volume", Target: "/data", VolumeOptions: { DriverConfig: { Options: { type: "none", o: "bind" } } } },
    true,
  ],
])("knows whether the content of %j differs between nodes", (mount, isOfNode) => {
  expect(usesNodeData(service({}, [mount]))).toBe(isOfNode);
});

test("finds a node by host name, ID and the beginning of an ID", () => {
  const nodes = [...three, node("one")];
  expect(names(matchNodes("two", nodes))).toEqual(["two"]);
  expect(names(matchNodes("id-two", nodes))).toEqual(["two"]);
  expect(names(matchNodes("id-t", nodes))).toEqual(["two", "three"]);
  expect(names(matchNodes("one", nodes))).toEqual(["one", "one"]);
  expect(names(matchNodes("four", nodes))).toEqual([]);
});
