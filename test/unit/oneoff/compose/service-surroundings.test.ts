import { expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import { serviceSurroundings } from "../../../../src/oneoff/compose/service-surroundings.ts";
import type { OneoffSpec } from "../../../../src/oneoff/spec/spec.ts";
import type { Event } from "../../../../src/output/events.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const Labels = { "com.docker.compose.project": "shop" };
const NETWORK = { name: "shop_default", create: { Name: "shop_default", CheckDuplicate: true as const, Labels } };
const VOLUME = { name: "shop_data", create: { Name: "shop_data", Labels } };

const specOf = (network: string) =>
  ({ moreNetworks: [], body: () => ({ HostConfig: { NetworkMode: network } }) }) as unknown as OneoffSpec;

async function scene(down: readonly string[] = []) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const events: Event[] = [];
  const surroundings = serviceSurroundings(
    { engine: transport, report: (event) => void events.push(event) },
    { objects: { networks: [NETWORK], volumes: [VOLUME] }, files: [], down, file: "/shop/compose.yaml" },
  );
  return {
    engine,
    events,
    ...surroundings,
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

test("creates missing networks and volumes, and removes them if no container can be created", async () => {
  await using shop = await scene(["db", "redis"]);
  const { engine } = shop;
  engine.on("GET /networks", 200, [{ Name: "bridge", Driver: "bridge" }]);
  engine.on("GET /volumes/shop_data", 404, { message: "no such volume" });
  engine.on("POST /networks/create", 201, { Id: "n" });
  engine.on("POST /volumes/create", 201, { Name: "shop_data" });
  await shop.prepare(specOf("shop_default"));
  expect(engine.requests.flatMap(({ body }) => body ?? [])).toEqual([NETWORK.create, VOLUME.create]);
  expect(shop.events).toEqual([
    { type: "warning", message: "db, redis are not running: docker compose up -d db redis" },
  ]);
  engine.on("DELETE /networks/shop_default", 204);
  engine.on("DELETE /volumes/shop_data", 409, { message: "volume is in use" });
  await shop.abandon();
});

test("uses existing networks and volumes, and never removes them", async () => {
  await using shop = await scene();
  const { engine } = shop;
  engine.on("GET /networks", 200, [{ Name: "shop_default", Driver: "bridge" }]);
  engine.on("GET /volumes/shop_data", 200, { Name: "shop_data" });
  await shop.prepare(specOf("shop_default"));
  await shop.abandon();
  expect(engine.lines).toHaveLength(2);
});

test("uses a network that another command creates at the same time", async () => {
  await using shop = await scene();
  const { engine } = shop;
  engine.on("GET /networks", 200, []);
  engine.on("GET /volumes/shop_data", 200, { Name: "shop_data" });
  engine.on("POST /networks/create", 409, { message: "network with name shop_default already exists" });
  await shop.prepare(specOf("shop_default"));
  await shop.abandon();
  expect(engine.lines).toHaveLength(3);
});

test("creates no network that an option replaces", async () => {
  await using shop = await scene();
  const { engine } = shop;
  engine.on("GET /volumes/shop_data", 200, { Name: "shop_data" });
  await shop.prepare(specOf("other"));
  expect(engine.lines).toEqual(["GET /volumes/shop_data"]);
});
