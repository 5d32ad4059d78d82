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
    {
      objects: { networks: [NETWORK], volumes: [VOLUME] },
      files: [],
      down,
      file: "/shop/compose.yaml",
      project: "shop",
    },
  );
  const context = {
    ...{ engine: transport, report: (event: Event) => void events.push(event) },
    owner: { self: "me", isAlive: () => true },
  };
  /** The lock, and the networks that exist when it is acquired. */
  const lock = (networks: object[]) => {
    engine.on("POST /containers/create", 201, { Id: "holder" });
    engine.on("POST /containers/create", 201, { Id: "lock" });
    engine.on("GET /networks", 200, networks);
    engine.on("DELETE /containers/lock", 204);
    engine.on("DELETE /containers/holder", 204);
  };
  return {
    engine,
    events,
    ...surroundings,
    lock,
    prepare: (network: string) => surroundings.prepare(specOf(network), context, "run.7364"),
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

test("creates missing networks and volumes, and removes only networks if no container can be created", async () => {
  await using shop = await scene(["db", "redis"]);
  const { engine } = shop;
  engine.on("GET /networks", 200, [{ Name: "bridge", Driver: "bridge" }]);
  engine.on("GET /volumes/shop_data", 404, { message: "no such volume" });
  shop.lock([{ Name: "bridge", Driver: "bridge" }]);
  engine.on("POST /networks/create", 201, { Id: "n" });
  engine.on("POST /volumes/create", 201, { Name: "shop_data" });
  await shop.prepare("shop_default");
  expect(engine.requests.flatMap(({ body }) => body ?? []).slice(-2)).toEqual([NETWORK.create, VOLUME.create]);
  expect(shop.events).toEqual([
    { type: "warning", message: "db, redis are not running: docker compose up -d db redis" },
  ]);
  engine.on("DELETE /networks/n", 204);
  await shop.abandon();
  expect(engine.lines.filter((line) => line.startsWith("DELETE "))).toEqual([
    "DELETE /containers/lock?force=1&v=1",
    "DELETE /containers/holder?force=1&v=1",
    "DELETE /networks/n",
  ]);
});

test("uses existing networks and volumes, and never removes them", async () => {
  await using shop = await scene();
  const { engine } = shop;
  engine.on("GET /networks", 200, [{ Name: "shop_default", Driver: "bridge" }]);
  engine.on("GET /volumes/shop_data", 200, { Name: "shop_data" });
  await shop.prepare("shop_default");
  await shop.abandon();
  expect(engine.lines).toHaveLength(2);
});

test("uses a network that another command creates at the same time", async () => {
  await using shop = await scene();
  const { engine } = shop;
  engine.on("GET /networks", 200, []);
  engine.on("GET /volumes/shop_data", 200, { Name: "shop_data" });
  shop.lock([{ Name: "shop_default" }]);
  await shop.prepare("shop_default");
  await shop.abandon();
  expect(engine.lines).not.toContain("POST /networks/create");
});

test("creates no network that an option replaces", async () => {
  await using shop = await scene();
  const { engine } = shop;
  engine.on("GET /volumes/shop_data", 200, { Name: "shop_data" });
  await shop.prepare("other");
  expect(engine.lines).toEqual(["GET /volumes/shop_data"]);
});
