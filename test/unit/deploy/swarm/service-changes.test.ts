import { expect, test } from "vitest";
import { restartedServices, scaledServices, servicesOf } from "../../../../src/deploy/swarm/service-changes.ts";
import type { Service, ServiceSpec } from "../../../../src/engine/swarm/service-types.ts";

const spec = (type: string, quantity: number, image = "shop:v1"): ServiceSpec => ({
  Name: `my-app-${type}`,
  Labels: { "dev.oneoff.process-type": type },
  TaskTemplate: { ContainerSpec: { Image: image }, ForceUpdate: 4 },
  Mode: { Replicated: { Replicas: quantity } },
  UpdateConfig: { Parallelism: 1, Monitor: 5e9 },
});

const service = (type: string, quantity: number, image?: string): Service => ({
  ...{ ID: type, Version: { Index: 7 }, CreatedAt: "2026-11-29T01:24:38Z", UpdatedAt: "2026-11-29T01:24:38Z" },
  Spec: spec(type, quantity, image),
});

const groups = (quantities: Readonly<Record<string, number>>) =>
  Object.entries(quantities).map(([type, quantity]) => ({ type, quantity }));

const recorded = new Map(["web", "worker"].map((type) => [type, spec(type, 1)]));

test("takes the specs of a release with the quantities of the formation", () => {
  expect(servicesOf(recorded, groups({ web: 3, worker: 0, cron: 1 }), [])).toEqual([
    { type: "web", spec: spec("web", 3), monitorS: 5, isChecked: true },
  ]);
  // A service without tasks keeps its place.
  expect(servicesOf(recorded, groups({ web: 1, worker: 0 }), [service("worker", 2)]).map(({ spec }) => spec)).toEqual([
    spec("web", 1),
    spec("worker", 0),
  ]);
});

test("changes only the quantities that differ, of the specs that run", () => {
  const running = [service("web", 2, "shop:v2")];
  expect(scaledServices(recorded, groups({ web: 2, worker: 0 }), running)).toEqual([]);
  expect(scaledServices(recorded, groups({ web: 3, worker: 1 }), running).map(({ spec }) => spec)).toEqual([
    spec("web", 3, "shop:v2"),
    spec("worker", 1),
  ]);
  expect(scaledServices(recorded, groups({ web: 0, worker: 0 }), running).map(({ spec }) => spec)).toEqual([
    spec("web", 0, "shop:v2"),
  ]);
});

test("restarts services that have tasks", () => {
  const [web, ...others] = restartedServices([service("web", 2), service("worker", 0)]);
  expect(others).toEqual([]);
  expect(web?.spec).toEqual({
    ...spec("web", 2),
    TaskTemplate: { ContainerSpec: { Image: "shop:v1" }, ForceUpdate: 5 },
  });
});
