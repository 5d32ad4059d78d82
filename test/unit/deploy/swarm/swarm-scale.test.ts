import { expect, test } from "vitest";
import { readSwarmScale, removeSwarmScale, writeSwarmScale } from "../../../../src/deploy/swarm/swarm-scale.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

async function scene() {
  const engine = await fakeEngine();
  return { engine, transport: openTransport(() => ({ socketPath: engine.socketPath, from: "--host" })) };
}

const at = { CreatedAt: "2026-11-29T01:24:38.5Z", UpdatedAt: "2026-11-29T01:24:38.5Z" };
const asConfig = (Spec: object) => ({ ID: "c1", Version: { Index: 5 }, ...at, Spec });

test("stores the scale of an app in a config, and changes its label afterwards", async () => {
  const { engine, transport } = await scene();
  await using _transport = transport;
  engine.on("GET /configs", 200, []);
  const created = engine.on("POST /configs/create", 201, { ID: "c1" });
  await writeSwarmScale(transport, "my-app", new Map([["web", 2]]));
  const { body } = await created;
  expect(body).toMatchObject({ Name: "oneoff.my-app.scale", Labels: { "dev.oneoff.scale": "web=2" } });

  engine.on("GET /configs", 200, [asConfig(body)]);
  const updated = engine.on("POST /configs/c1/update", 200);
  await writeSwarmScale(
    transport,
    "my-app",
    new Map([
      ["web", 0],
      ["worker", 3],
    ]),
  );
  const { body: changed, query } = await updated;
  expect(query).toEqual({ version: "5" });
  expect(changed).toEqual({ ...body, Labels: { ...body.Labels, "dev.oneoff.scale": "web=0 worker=3" } });

  engine.on("GET /configs", 200, [asConfig(changed)]);
  const scale = await readSwarmScale(transport, "my-app");
  expect([...scale]).toEqual([
    ["web", 0],
    ["worker", 3],
  ]);
});

test("ignores configs of other apps and of users", async () => {
  const { engine, transport } = await scene();
  await using _transport = transport;
  const Labels = { "dev.oneoff.app": "my-app", "dev.oneoff.scale": "web=9" };
  const configs = [
    asConfig({ Name: "oneoff.my-app.scale", Labels }),
    asConfig({ Name: "oneoff.my-app.scale2", Labels: { ...Labels, "dev.oneoff.container": "oneoff.my-app.scale2" } }),
  ];
  engine.on("GET /configs", 200, configs);
  expect(await readSwarmScale(transport, "my-app")).toEqual(new Map());
  engine.on("GET /configs", 200, configs);
  await removeSwarmScale(transport, "my-app");
});
