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
  engine.on("GET /networks", 200, [{ Id: "b", Name: "bridge", Driver: "bridge" }]);
  engine.on("GET /volumes/shop_data", 404, { message: "no such volume" });
  engine.on("POST /networks/create", 201, { Id: "n" });
  engine.on("GET /networks", 200, [{ Id: "n", Name: "shop_default", Driver: "bridge" }]);
  engine.on("POST /volumes/create", 201, { Name: "shop_data" });
  await shop.prepare(specOf("shop_default"));
  expect(engine.requests.flatMap(({ body }) => body ?? [])).toEqual([NETWORK.create, VOLUME.create]);
  expect(shop.events).toEqual([
    { type: "warning", message: "db, redis are not running: docker compose up -d db redis" },
  ]);
  engine.on("DELETE /networks/n", 204);
  engine.on("DELETE /volumes/shop_data", 409, { message: "volume is in use" });
  await shop.abandon();
});

test("uses existing networks and volumes, and never removes them", async () => {
  await using shop = await scene();
  const { engine } = shop;
  engine.always("GET /networks", 200, [{ Id: "n", Name: "shop_default", Driver: "bridge" }]);
  engine.on("GET /volumes/shop_data", 200, { Name: "shop_data" });
  await shop.prepare(specOf("shop_default"));
  await shop.abandon();
  expect(engine.lines.filter((line) => !line.startsWith("GET "))).toEqual([]);
});

test("uses a network that another command creates at the same time", async () => {
  await using shop = await scene();
  const { engine } = shop;
  engine.on("GET /networks", 200, []);
  engine.on("GET /volumes/shop_data", 200, { Name: "shop_data" });
  engine.on("POST /networks/create", 409, { message: "network with name shop_default already exists" });
  engine.on("GET /networks", 200, [{ Id: "n", Name: "shop_default" }]);
  await shop.prepare(specOf("shop_default"));
  await shop.abandon();
  expect(engine.lines).toHaveLength(4);
});

test("removes the own network if another command has created the same one before", async () => {
  await using shop = await scene();
  const { engine } = shop;
  const other = { Id: "m", Name: "shop_default", Created: "2026-11-30T04:29:38.1Z" };
  const own = { Id: "n", Name: "shop_default", Created: "2026-11-30T04:29:38.11Z" };
  engine.on("GET /networks", 200, []);
  engine.on("GET /volumes/shop_data", 200, { Name: "shop_data" });
  engine.on("POST /networks/create", 201, { Id: "n" });
  engine.on("GET /networks", 200, [own, other]);
  engine.on("DELETE /networks/n", 204);
  engine.on("GET /networks", 200, [other]);
  await shop.prepare(specOf("shop_default"));
  await shop.abandon();
  expect(engine.lines.filter((line) => line.startsWith("DELETE "))).toEqual(["DELETE /networks/n"]);
});

test("creates no network that an option replaces", async () => {
  await using shop = await scene();
  const { engine } = shop;
  engine.on("GET /volumes/shop_data", 200, { Name: "shop_data" });
  await shop.prepare(specOf("other"));
  expect(engine.lines).toEqual(["GET /volumes/shop_data"]);
});
