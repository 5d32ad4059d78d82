import { expect, test } from "vitest";
import { type ChangeContext, updateAndFollow } from "../../../../src/deploy/swarm/change-service.ts";
import type { Service } from "../../../../src/engine/swarm/service-types.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { ofOwnService, ofStack } from "../../../support/swarm-services.ts";

const released = (number: number): Service => {
  const { Spec, ...same } = ofOwnService("my-app", "web");
  return { ...same, ID: "s1", Spec: { ...Spec, Labels: { ...Spec.Labels, "dev.oneoff.release": String(number) } } };
};

const running = (ID: string) => ({
  ...{ ID, Version: { Index: 1 }, Spec: {}, ServiceID: "s1", Slot: 1, NodeID: "n1", DesiredState: "running" },
  ...{ CreatedAt: "2026-11-30T06:00:00Z", UpdatedAt: "2026-11-30T06:00:00Z" },
  Status: { Timestamp: "2026-11-30T06:00:00Z", State: "running" },
});

async function scene() {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const { signal } = new AbortController();
  const context: ChangeContext = { engine: transport, report: () => {}, monotonic: () => 0, signal, auth: "secret" };
  return { engine, transport, context };
}

const change = { app: "my-app", type: "web", monitorS: 0, isChecked: true };

test("reads a service again that has changed before the update", async () => {
  const { engine, transport, context } = await scene();
  await using _transport = transport;
  engine.always("GET /tasks", 200, [running("t1")]);
  engine.on("GET /services/s1", 200, released(1));
  engine.on("POST /services/s1/update", 500, { message: "rpc error: code = Unknown desc = update out of sequence" });
  engine.on("GET /services/s1", 200, { ...released(1), Version: { Index: 9 } });
  const updated = engine.on("POST /services/s1/update", 200, {});
  engine.always("GET /services/s1", 200, { ...released(2), UpdateStatus: { State: "completed" } });
  const { Spec: spec } = released(2);
  expect(await updateAndFollow(context, "s1", { ...change, spec })).toEqual({ state: "done" });
  const { query, headers } = await updated;
  expect(query).toEqual({ version: "9" });
  expect(headers["x-registry-auth"]).toBe("secret");
});

test("restores the service of another client", async () => {
  const { engine, transport, context } = await scene();
  await using _transport = transport;
  const service = { ...ofStack("st", "web"), ID: "s1" };
  engine.always("GET /tasks", 200, [running("t1")]);
  engine.on("GET /services/s1", 200, released(2));
  engine.on("POST /services/s1/update", 200, {});
  engine.always("GET /services/s1", 200, { ...service, UpdateStatus: { State: "completed" } });
  expect(await updateAndFollow(context, "s1", { ...change, spec: service.Spec })).toEqual({ state: "done" });
});
