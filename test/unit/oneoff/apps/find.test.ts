import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { findApp } from "../../../../src/oneoff/apps/find.ts";
import {
  alwaysLists,
  filtersOf,
  listed,
  ofCompose,
  ofDokku,
  ofKamal,
  ofOneoff,
  oneoffOf,
} from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

/** One request by name, one for all containers, and one for the services of a Swarm. */
const ALL = 3;

/** No container name contains a slash. */
const HALVES = 1;

/** More containers than one list is requested for. */
const MANY = Array.from({ length: 50 }, (_, index) => listed(`other-${index}`));

const LISTS = "/containers/json";

/** Finds the app among these containers, and checks the number of requests. */
const found = (picked: string, requests: number, ...containers: ContainerSummary[]) =>
  search({ picked, requests, containers });

async function search({
  picked,
  requests,
  containers,
  isNew = false,
}: {
  readonly picked: string;
  readonly requests: number;
  readonly containers: readonly ContainerSummary[];
  readonly isNew?: boolean;
}) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  alwaysLists(engine, containers);
  const result = await findApp(transport, picked, isNew).catch((error: Error) => error);
  expect(engine.lines).toHaveLength(requests);
  // All requests include stopped containers, and have a filter or a limit.
  for (const request of engine.requests.filter(({ path }) => path === LISTS)) {
    expect(request.query.all).toBe("1");
    const filters = Object.values(filtersOf(request)).flat();
    expect([...filters, request.query.limit ?? []].flat()).not.toEqual([]);
  }
  if (result instanceof Error) throw result;
  return result.candidate && [result.candidate.qualifiedName, result.candidate.container.Names[0]];
}

const shop = ofCompose("shop", "web");

describe("the search by container name", () => {
  test.each<[picked: string, pick: string, container: ContainerSummary]>([
    ["my-app", "dokku:my-app", ofDokku("my-app", "web")],
    ["web", "compose:shop/web", shop],
    ["blog", "kamal:blog", ofKamal("blog", "web")],
    ["my-app", "oneoff:my-app", ofOneoff("my-app", "web")],
    ["plain", "container:plain", listed("plain")],
    ["a.b", "container:a.b", listed("a.b")],
    ["container:plain", "container:plain", listed("plain")],
    ["dokku:my-app", "dokku:my-app", ofDokku("my-app", "web")],
    ["compose:web", "compose:shop/web", shop],
    ["container:shop-web-1", "container:shop-web-1", shop],
  ])("finds %s by container name with one request: %s", async (picked, pick, container) => {
    const foreign = [listed("my-app-2"), listed("not-web"), listed("a-b"), oneoffOf("my-app"), oneoffOf("plain")];
    expect(await found(picked, 1, ...foreign, container)).toEqual([pick, container.Names[0]]);
  });
});

describe("the search by labels", () => {
  const renamed = (container: ContainerSummary) => ({ ...container, Names: ["/by-hand"] });
  test.each<[picked: string, requests: number, container: ContainerSummary, pick: string]>([
    ["my-app", ALL, renamed(ofDokku("my-app", "web")), "dokku:my-app"],
    ["web", ALL, renamed(shop), "compose:shop/web"],
    ["blog", ALL, renamed(ofKamal("blog", "web")), "kamal:blog"],
    ["dokku:my-app", 2, renamed(ofDokku("my-app", "web")), "dokku:my-app"],
    // Container names contain no slash.
    ["shop/web", HALVES, shop, "compose:shop/web"],
    ["blog/web", HALVES, ofKamal("blog", "web"), "kamal:blog"],
    ["compose:shop/web", 1, shop, "compose:shop/web"],
    ["kamal:blog/web", 1, ofKamal("blog", "web"), "kamal:blog"],
  ])("finds %s by labels, with %i requests", async (picked, requests, container, pick) => {
    const foreign = [listed("web"), listed("my-app-2"), listed("blog"), listed("api-x"), oneoffOf("my-app")].filter(
      ({ Names }) => Names[0] !== `/${picked}`,
    );
    expect(await found(picked, requests, ...foreign, container)).toEqual([pick, container.Names[0]]);
  });

  test("finds a container with labels of two deployers once", async () => {
    const both = listed("by-hand", { ...shop.Labels, ...ofDokku("web", "web").Labels });
    expect(await found("web", ALL, both)).toEqual(["dokku:web", "/by-hand"]);
  });
});

test.each<[picked: string, requests: number]>([
  ["my-app", ALL],
  ["shop/web", HALVES + 1],
  ["compose:shop/web", 1],
  ["container:my-app", 1],
  ["dokku:my-app", 2],
  // Only a service of Compose can have such a name.
  ["a b", 2],
  ["dokku:a b", 1],
  // Only Kamal has destinations.
  ["blog@staging", 2],
  ["compose:blog@staging", 1],
  ["nobody:my-app", 1],
  ["nobody:shop/web", 0],
])("finds nothing for %s, with %i requests", async (picked, requests) => {
  const others = [oneoffOf("my-app"), listed("my-app-2"), listed("x-my-app"), ofCompose("shop", "db")];
  expect(await found(picked, requests, ...others)).toBeUndefined();
});

test("finds an app by qualified name if its name is ambiguous", async () => {
  const apps = [shop, ofCompose("blog", "web"), listed("web")];
  await expect(found("web", 1, ...apps)).rejects.toMatchObject({
    code: "ambiguous-app",
    message: 'Several apps have the name "web": compose:blog/web, compose:shop/web, container:web',
  });
  expect(await found("compose:blog/web", 1, ...apps)).toEqual(["compose:blog/web", "/blog-web-1"]);
  expect(await found("compose:shop/web", 1, ...apps)).toEqual(["compose:shop/web", "/shop-web-1"]);
  expect(await found("container:web", 1, ...apps)).toEqual(["container:web", "/web"]);
});

test("finds apps by the qualified names of an error, also for a Kamal service and a Compose project with one name", async () => {
  const apps = [ofKamal("shop", "web"), shop];
  await expect(found("shop/web", HALVES, ...apps)).rejects.toMatchObject({
    message: 'Several apps have the name "shop/web": compose:shop/web, kamal:shop',
  });
});

describe("a Kamal service whose name begins another's destination", () => {
  const at = (destination: string) =>
    listed(`blog-web-${destination && `${destination}-`}9f3c2e`, { service: "blog", role: "web", destination });
  const apps = [at(""), at("staging")];

  test("refuses the name of a Kamal service that begins another's destination", () =>
    expect(found("blog", 1, ...apps)).rejects.toMatchObject({
      message: 'Several apps have the name "blog": kamal:blog, kamal:blog@staging',
    }));

  test.each<[picked: string, requests: number, name: string]>([
    ["kamal:blog", 1, "/blog-web-9f3c2e"],
    ["kamal:blog@staging", 2, "/blog-web-staging-9f3c2e"],
    ["blog@staging", 2, "/blog-web-staging-9f3c2e"],
  ])("finds a Kamal service by %s, with %i requests", async (picked, requests, name) =>
    expect(await found(picked, requests, ...apps)).toEqual([expect.stringMatching(/^kamal:blog/), name]),
  );
});

test("finds a container with labels of two deployers by either", async () => {
  const both = listed("by-hand", { ...shop.Labels, ...ofDokku("web", "web").Labels });
  expect(await found("dokku:web", 2, both)).toEqual(["dokku:web", "/by-hand"]);
  expect(await found("compose:web", 2, both)).toEqual(["compose:shop/web", "/by-hand"]);
});

describe("an engine with many containers", () => {
  const renamed = (container: ContainerSummary) => ({ ...container, Names: ["/by-hand"] });

  test.each<[picked: string, container: ContainerSummary, pick: string]>([
    ["my-app", renamed(ofDokku("my-app", "web")), "dokku:my-app"],
    ["web", renamed(shop), "compose:shop/web"],
    ["blog", renamed(ofKamal("blog", "web")), "kamal:blog"],
  ])("finds %s by the labels of each deployer", async (picked, container, pick) => {
    const containers = [...MANY, container];
    const perDeployer = 4;
    expect(await search({ picked, requests: ALL + perDeployer, containers })).toEqual([pick, "/by-hand"]);
    expect(await search({ picked, requests: ALL + perDeployer, containers, isNew: true })).toEqual([pick, "/by-hand"]);
  });

  test("finds an app by name", async () => {
    const containers = [...MANY, shop];
    const pick = ["compose:shop/web", "/shop-web-1"];
    expect(await search({ picked: "web", requests: 1, containers })).toEqual(pick);
    expect(await search({ picked: "web", requests: 2, containers, isNew: true })).toEqual(pick);
  });

  test("sends requests for all deployers in parallel", async () => {
    await using engine = await fakeEngine();
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    engine.on("GET /containers/json", 200, []);
    engine.on("GET /containers/json", 200, MANY);
    const finding = findApp(transport, "my-app");
    const services = engine.on("GET /services");
    const asked = await Promise.all(Array.from({ length: 4 }, () => engine.on("GET /containers/json")));
    for (const exchange of asked) exchange.reply(200, []);
    (await services).reply(200, []);
    expect(await finding).toEqual({ candidate: undefined, service: undefined, tasks: [] });
  });
});

describe("the search for an app that is probably new", () => {
  test.each<[picked: string, pick: string, container: ContainerSummary]>([
    ["my-app", "dokku:my-app", ofDokku("my-app", "web")],
    ["web", "compose:shop/web", shop],
    ["shop/web", "compose:shop/web", shop],
    ["blog", "kamal:blog", ofKamal("blog", "web")],
    ["plain", "container:plain", listed("plain")],
    ["compose:web", "compose:shop/web", shop],
  ])("finds %s with one request", async (picked, pick, container) => {
    const foreign = [listed("my-app-2"), listed("not-web"), listed("a-b"), oneoffOf("my-app"), oneoffOf("plain")];
    const containers = [...foreign, container];
    expect(await search({ picked, requests: 1, containers, isNew: true })).toEqual([pick, container.Names[0]]);
  });

  test("finds a container with another name by its labels", async () => {
    const containers = [{ ...ofDokku("my-app", "web"), Names: ["/by-hand"] }];
    const pick = ["dokku:my-app", "/by-hand"];
    expect(await search({ picked: "my-app", requests: 2, containers, isNew: true })).toEqual(pick);
  });

  test("prefers names to labels", async () => {
    const containers = [shop, { ...ofKamal("web", "job"), Names: ["/by-hand"] }];
    const pick = ["compose:shop/web", "/shop-web-1"];
    expect(await search({ picked: "web", requests: 1, containers, isNew: true })).toEqual(pick);
  });

  test("asks for nothing but all containers and services if there is no such app", async () => {
    const containers = [oneoffOf("my-app"), listed("my-app-2"), ofCompose("shop", "db")];
    expect(await search({ picked: "my-app", requests: 2, containers, isNew: true })).toBeUndefined();
  });
});

test("filters by whole words and escapes the name", async () => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, [listed("a.b-c")]);
  await findApp(transport, "a.b-c");
  expect(engine.requests.map(filtersOf)).toEqual([{ name: ["(^|[-_.])a\\.b-c([-_.]|$)"] }]);
});
