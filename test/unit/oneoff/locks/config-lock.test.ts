import { expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import { acquireConfigLock, findConfigLock, releaseConfigLock } from "../../../../src/oneoff/locks/config-lock.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const request = { key: "deploy/my-app", app: "my-app", name: "deploy", owner: "host:1", by: "ci@host" };

async function scene() {
  const engine = await fakeEngine();
  return { engine, transport: openTransport(() => ({ socketPath: engine.socketPath, from: "--host" })) };
}

test("acquires a lock and reads who holds it", async () => {
  const { engine, transport } = await scene();
  await using _transport = transport;
  const created = engine.on("POST /configs/create", 201, { ID: "c1" });
  expect(await acquireConfigLock(transport, request)).toBe("c1");
  const { body } = await created;
  const at = { CreatedAt: "2026-11-29T01:24:38.5Z", UpdatedAt: "2026-11-29T01:24:38.5Z" };
  const config = { ID: "c1", Version: { Index: 5 }, ...at, Spec: body };
  engine.on("GET /configs", 200, [config]);
  const times = { since: 1795915478.5, renewed: 1795915478.5 };
  expect(await findConfigLock(transport, request.key)).toEqual({
    ...request,
    id: "c1",
    ...times,
    container: undefined,
  });
  engine.on("GET /configs", 200, [{ ...config, Spec: { ...body, Name: `${body.Name}x` } }]);
  expect(await findConfigLock(transport, request.key)).toBeUndefined();
});

test("does not acquire a held lock", async () => {
  const { engine, transport } = await scene();
  await using _transport = transport;
  engine.on("POST /configs/create", 409, { message: "config already exists" });
  expect(await acquireConfigLock(transport, request)).toBeUndefined();
});

test("releases a lock once", async () => {
  const { engine, transport } = await scene();
  await using _transport = transport;
  engine.on("DELETE /configs/c1", 204);
  expect(await releaseConfigLock(transport, "c1")).toBe(true);
  engine.on("DELETE /configs/c1", 404, { message: "config c1 not found" });
  expect(await releaseConfigLock(transport, "c1")).toBe(false);
});
