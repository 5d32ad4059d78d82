import { expect, test } from "vitest";
import type { SwarmNode } from "../../../../../src/engine/swarm/node-types.ts";
import { openTransport } from "../../../../../src/engine/transport.ts";
import type { Resolved } from "../../../../../src/oneoff/apps/resolved-app.ts";
import { relocate } from "../../../../../src/oneoff/swarm/services/relocate.ts";
import { toServiceApp } from "../../../../../src/oneoff/swarm/services/service-app.ts";
import { copyServiceSpec } from "../../../../../src/oneoff/swarm/services/service-copy.ts";
import { fakeEngine } from "../../../../support/fake-engine.ts";
import { ofService } from "../../../../support/swarm-services.ts";

const node = { ID: "n2", Description: { Hostname: "node2" } } as SwarmNode;
const service = ofService("web", { Env: ["NODE={{.Node.Hostname}}", "A=1"], Hostname: "{{.Node.ID}}" });
const { copy } = copyServiceSpec(service, { node: { id: "n1", hostname: "node1" }, networks: ["back"] });

const resolved = {
  app: {
    name: "web",
    from: "swarm",
    image: "sha256:1",
    env: new Map([
      ["NODE", "node1"],
      ["A", "of oneoff.yaml"],
    ]),
  },
  ...{ copy, swarm: toServiceApp(service) },
} as unknown as Resolved;

async function there(other?: string) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on(`GET /images/${other ?? "shop:v1"}/json`, 404, { message: "no such image" });
  const Labels = { "com.docker.swarm.service.id": service.ID };
  const task = { Id: "c", Names: ["/web.1.x"], Image: "shop:v1", ImageID: "sha256:2", Labels, State: "running" };
  engine.on("GET /containers/json", 200, [{ ...task, Status: "Up", Command: "", Created: 0 }]);
  return await relocate(resolved, { engine: transport, node }, other);
}

test("uses the image of a task there, and expands settings that name the node", async () => {
  const { app, copy } = await there();
  expect(app.image).toBe("sha256:2");
  expect([...app.env]).toEqual([
    ["NODE", "node2"],
    ["A", "of oneoff.yaml"],
  ]);
  expect(copy).toMatchObject({ hostname: "n2", networks: ["back"] });
});

test("keeps a requested image", async () => {
  expect((await there("other:1")).app.image).toBe("other:1");
});
