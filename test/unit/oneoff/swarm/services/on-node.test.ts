import { expect, test } from "vitest";
import { parseEnvList } from "../../../../../src/app/env.ts";
import type { Resolved } from "../../../../../src/oneoff/apps/resolved-app.ts";
import { onNode } from "../../../../../src/oneoff/swarm/services/on-node.ts";
import { toServiceApp } from "../../../../../src/oneoff/swarm/services/service-app.ts";
import { copyServiceSpec } from "../../../../../src/oneoff/swarm/services/service-copy.ts";
import { ofService } from "../../../../support/swarm-services.ts";

const Env = ["A=1", "NODE={{.Node.Hostname}}", "ID={{.Node.ID}}"];
const service = ofService("web", {
  ...{ Env, Hostname: "{{.Node.Hostname}}" },
  Mounts: [{ Type: "bind", Source: "/srv/{{.Node.Hostname}}", Target: "/data" }],
});
const { copy } = copyServiceSpec(service, { node: { id: "n1", hostname: "node1" }, networks: ["net"] });
const resolved = (env: readonly string[]): Resolved => ({
  app: { name: "web", from: "swarm", image: "shop:v1", env: parseEnvList(env), procfile: new Map(), settings: {} },
  copy,
  swarm: toServiceApp(service),
});
const node2 = { ID: "n2", Description: { Hostname: "node2" } } as Parameters<typeof onNode>[1];

test("expands placeholders of the node for the node of the one-off", () => {
  const { app, copy: moved } = onNode(resolved(copy.env), node2);
  expect([...app.env]).toEqual([
    ["A", "1"],
    ["NODE", "node2"],
    ["ID", "n2"],
  ]);
  expect(moved).toMatchObject({
    ...{ env: ["A=1", "NODE=node2", "ID=n2"], hostname: "node2", networks: ["net"] },
    hostConfig: { Mounts: [{ Type: "bind", Source: "/srv/node2", Target: "/data" }] },
  });
});

test("keeps variables of oneoff.yaml", () =>
  expect(Object.fromEntries(onNode(resolved(["A=2", "NODE=mine", "ID=n1", "B="]), node2).app.env)).toEqual({
    ...{ A: "2", NODE: "mine", ID: "n2", B: "" },
  }));

test("leaves other apps unchanged", () => {
  const { swarm: _swarm, ...other } = resolved([]);
  expect(onNode(other, node2)).toBe(other);
});
