import { describe, expect, test } from "vitest";
import type { Service } from "../../../../../src/engine/swarm/service-types.ts";
import { openTransport } from "../../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../../src/engine/types.ts";
import { findApp } from "../../../../../src/oneoff/apps/find.ts";
import { alwaysLists, listed, ofCompose, ofSwarm } from "../../../../support/deployed.ts";
import { fakeEngine } from "../../../../support/fake-engine.ts";
import { ofOwnService, ofService, ofStack } from "../../../../support/swarm-services.ts";

const WORKER =
  "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.";

/** Finds an app on a manager, or with a status on another engine. */
async function find(name: string, services: Service[] | number, containers: readonly ContainerSummary[] = []) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  alwaysLists(engine, containers);
  if (typeof services === "number") engine.always("GET /services", services, { message: WORKER });
  else engine.always("GET /services", 200, services);
  const found = await findApp(transport, name).catch((error: Error) => error);
  if (found instanceof Error) return found.message;
  const { service, candidate } = found;
  return {
    found: service?.service.Spec.Name ?? candidate?.qualifiedName,
    services: engine.requests.filter(({ path }) => path === "/services").length,
  };
}

/** A local task of a service. */
const taskOf = (service: Service, labels: Record<string, string> = {}): ContainerSummary => {
  const task = ofSwarm(service.Spec.Name);
  return { ...task, Labels: { ...task.Labels, "com.docker.swarm.service.id": service.ID, ...labels } };
};

const shop = ofStack("shop", "web");
const blog = ofStack("blog", "web");
const stackTask = taskOf(shop, { "com.docker.stack.namespace": "shop" });

describe("on a manager", () => {
  test.each(["shop_web", "shop/web", "web", "swarm:shop_web", "swarm:shop/web", "swarm:web"])(
    "finds a service without a local task by %s, with one request for services",
    async (name) => expect(await find(name, [ofService("api"), shop])).toEqual({ found: "shop_web", services: 1 }),
  );

  test.each(["shop_web", "shop/web", "web", "swarm:web", "shop_web.1.x1y2z3", "container:shop_web.1.x1y2z3"])(
    "finds a service with a local task by %s, with one request for services",
    async (name) => expect(await find(name, [shop], [stackTask])).toEqual({ found: "shop_web", services: 1 }),
  );

  test("refuses the short name of two stacks, with the names that select one", async () => {
    const message = 'Several apps have the name "web": swarm:blog_web, swarm:shop_web';
    expect(await find("web", [shop, blog])).toBe(message);
    expect(await find("web", [shop, blog], [stackTask])).toBe(message);
    expect(await find("swarm:blog_web", [shop, blog], [stackTask])).toMatchObject({ found: "blog_web" });
  });

  test("refuses a name of a service and of a container of Compose", async () => {
    const message = 'Several apps have the name "web": compose:site/web, swarm:shop_web';
    expect(await find("web", [shop], [ofCompose("site", "web"), stackTask])).toBe(message);
  });

  test("prefers a service whose whole name is given with the deployer", async () => {
    expect(await find("web", [shop, ofService("web")])).toBe(
      'Several apps have the name "web": swarm:shop_web, swarm:web',
    );
    expect(await find("swarm:web", [shop, ofService("web")])).toMatchObject({ found: "web" });
  });

  test("ignores containers of removed services", async () =>
    expect(await find("shop_web", [], [stackTask])).toEqual({ found: undefined, services: 1 }));

  test("finds an app that oneoff deployed, and its process type web first", async () => {
    const services = [ofOwnService("my-app", "worker"), ofOwnService("my-app", "web"), ofOwnService("my-app", "clock")];
    expect(await find("my-app", services)).toMatchObject({ found: "my-app-web" });
    expect(await find("my-app-clock", services)).toMatchObject({ found: "my-app-clock" });
  });

  test.each(["run", "holder", "phase"])("finds no service of oneoff of the kind %s", async (kind) =>
    expect(await find("shop_web-run-1", [ofOwnService("shop_web", "run-1", kind)])).toMatchObject({ found: undefined }),
  );
});

describe("on a worker", () => {
  test("finds a local task by the name of its service, by its label too", async () => {
    expect(await find("shop_web", 503, [stackTask])).toEqual({ found: "swarm:shop_web", services: 1 });
    const renamed = { ...stackTask, Names: ["/by-hand"] };
    expect(await find("shop_web", 503, [renamed])).toEqual({ found: "swarm:shop_web", services: 1 });
  });
});

test("finds local apps where a proxy denies the request for services", async () => {
  expect(await find("my-app", 403, [listed("by-hand", { ...ofCompose("site", "my-app").Labels })])).toEqual({
    found: "compose:site/my-app",
    services: 1,
  });
});

test.each(["compose:shop/web", "container:shop", "dokku:shop", "blog@staging"])(
  "requests no services for %s",
  async (name) => expect(await find(name, [shop])).toEqual({ found: undefined, services: 0 }),
);
