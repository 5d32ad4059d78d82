import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { findContainer } from "../../../../src/oneoff/apps/find.ts";
import {
  filtersOf,
  listed,
  lists,
  ofCompose,
  ofDokku,
  ofKamal,
  ofOneoff,
  ofSwarm,
  oneoffOf,
} from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

/** One list by names, and one for each deployer's labels. */
const ALL = 6;

/** Only apps of Compose and Kamal have names of two halves. */
const HALVES = 2;

/** What is found among these containers with so many requests, which must have been as many as these. */
async function found(picked: string, requests: number, ...containers: ContainerSummary[]) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  lists(engine, requests, containers);
  const result = await findContainer(transport, picked).catch((error: Error) => error);
  expect(engine.requests).toHaveLength(requests);
  // Ended ones as well, and always with a filter.
  for (const request of engine.requests) {
    expect(request.query.all).toBe("1");
    expect(Object.values(filtersOf(request)).flat()).not.toEqual([]);
  }
  if (result instanceof Error) throw result;
  return result && [result.qualifiedName, result.container.Names[0]];
}

const shop = ofCompose("shop", "web");

describe("by the names of its containers, with one request, is found", () => {
  test.each<[picked: string, pick: string, container: ContainerSummary]>([
    ["my-app", "dokku:my-app", ofDokku("my-app", "web")],
    ["web", "compose:shop/web", shop],
    ["blog", "kamal:blog", ofKamal("blog", "web")],
    ["api", "swarm:api", ofSwarm("api")],
    ["my-app", "oneoff:my-app", ofOneoff("my-app", "web")],
    ["plain", "container:plain", listed("plain")],
    ["a.b", "container:a.b", listed("a.b")],
    ["container:plain", "container:plain", listed("plain")],
    ["dokku:my-app", "dokku:my-app", ofDokku("my-app", "web")],
    ["swarm:api", "swarm:api", ofSwarm("api")],
    ["compose:web", "compose:shop/web", shop],
    ["container:shop-web-1", "container:shop-web-1", shop],
  ])("%s: %s", async (picked, pick, container) => {
    const foreign = [listed("my-app-2"), listed("not-web"), listed("a-b"), oneoffOf("my-app"), oneoffOf("plain")];
    expect(await found(picked, 1, ...foreign, container)).toEqual([pick, container.Names[0]]);
  });
});

describe("by labels, when no name is meant, is found", () => {
  const renamed = (container: ContainerSummary) => ({ ...container, Names: ["/by-hand"] });
  test.each<[picked: string, requests: number, container: ContainerSummary, pick: string]>([
    ["my-app", ALL, renamed(ofDokku("my-app", "web")), "dokku:my-app"],
    ["web", ALL, renamed(shop), "compose:shop/web"],
    ["blog", ALL, renamed(ofKamal("blog", "web")), "kamal:blog"],
    ["api", ALL, renamed(ofSwarm("api")), "swarm:api"],
    ["dokku:my-app", 2, renamed(ofDokku("my-app", "web")), "dokku:my-app"],
    // What has a slash is in no name.
    ["shop/web", HALVES, shop, "compose:shop/web"],
    ["blog/web", HALVES, ofKamal("blog", "web"), "kamal:blog"],
    ["compose:shop/web", 1, shop, "compose:shop/web"],
    ["kamal:blog/web", 1, ofKamal("blog", "web"), "kamal:blog"],
  ])("%s, with %i requests", async (picked, requests, container, pick) => {
    const foreign = [listed("web"), listed("my-app-2"), listed("blog"), listed("api-x"), oneoffOf("my-app")].filter(
      ({ Names }) => Names[0] !== `/${picked}`,
    );
    expect(await found(picked, requests, ...foreign, container)).toEqual([pick, container.Names[0]]);
  });

  test("once what has the labels of two deployers", async () => {
    const both = listed("by-hand", { ...shop.Labels, ...ofDokku("web", "web").Labels });
    expect(await found("web", ALL, both)).toEqual(["dokku:web", "/by-hand"]);
  });
});

test.each<[picked: string, requests: number]>([
  ["my-app", ALL],
  ["shop/web", HALVES],
  ["compose:shop/web", 1],
  ["container:my-app", 1],
  ["dokku:my-app", 2],
  // None but a service of Compose may be called so.
  ["a b", 3],
  ["dokku:a b", 1],
  // A destination is Kamal's.
  ["blog@staging", 2],
  ["compose:blog@staging", 1],
  ["nobody:my-app", 1],
  ["nobody:shop/web", 0],
])("nothing is found for %s, with %i requests", async (picked, requests) => {
  const others = [oneoffOf("my-app"), listed("my-app-2"), listed("x-my-app"), ofCompose("shop", "db")];
  expect(await found(picked, requests, ...others)).toBeUndefined();
});

test("what picks an app picks it where its name alone is refused", async () => {
  const apps = [shop, ofCompose("blog", "web"), listed("web")];
  await expect(found("web", 1, ...apps)).rejects.toMatchObject({
    code: "ambiguous-app",
    message: 'Several apps have the name "web": compose:blog/web, compose:shop/web, container:web',
  });
  expect(await found("compose:blog/web", 1, ...apps)).toEqual(["compose:blog/web", "/blog-web-1"]);
  expect(await found("compose:shop/web", 1, ...apps)).toEqual(["compose:shop/web", "/shop-web-1"]);
  expect(await found("container:web", 1, ...apps)).toEqual(["container:web", "/web"]);
});

test("the picks of an error pick, also where a Kamal service and a Compose project share a name", async () => {
  const apps = [ofKamal("shop", "web"), shop];
  await expect(found("shop/web", HALVES, ...apps)).rejects.toMatchObject({
    message: 'Several apps have the name "shop/web": compose:shop/web, kamal:shop',
  });
});

describe("a Kamal service whose name begins another's destination", () => {
  const at = (destination: string) =>
    listed(`blog-web-${destination && `${destination}-`}9f3c2e`, { service: "blog", role: "web", destination });
  const apps = [at(""), at("staging")];

  test("is refused by its name alone, with what picks each", () =>
    expect(found("blog", 1, ...apps)).rejects.toMatchObject({
      message: 'Several apps have the name "blog": kamal:blog, kamal:blog@staging',
    }));

  test.each<[picked: string, requests: number, name: string]>([
    ["kamal:blog", 1, "/blog-web-9f3c2e"],
    ["kamal:blog@staging", 2, "/blog-web-staging-9f3c2e"],
    ["blog@staging", 2, "/blog-web-staging-9f3c2e"],
  ])("is picked by %s, with %i requests", async (picked, requests, name) =>
    expect(await found(picked, requests, ...apps)).toEqual([expect.stringMatching(/^kamal:blog/), name]),
  );
});

test("a container that two deployers have marked is either's", async () => {
  const both = listed("by-hand", { ...shop.Labels, ...ofDokku("web", "web").Labels });
  expect(await found("dokku:web", 2, both)).toEqual(["dokku:web", "/by-hand"]);
  expect(await found("compose:web", 2, both)).toEqual(["compose:shop/web", "/by-hand"]);
});

test("all deployers are asked at the same time", async () => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, []);
  const finding = findContainer(transport, "my-app");
  const asked = await Promise.all(Array.from({ length: ALL - 1 }, () => engine.on("GET /containers/json")));
  for (const exchange of asked) exchange.reply(200, []);
  expect(await finding).toBeUndefined();
});

test("the engine looks for the whole words of a name, with its signs as they are", async () => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, [listed("a.b-c")]);
  await findContainer(transport, "a.b-c");
  expect(engine.requests.map(filtersOf)).toEqual([{ name: ["(^|[-_.])a\\.b-c([-_.]|$)"] }]);
});
