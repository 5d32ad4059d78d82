import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import { LABEL } from "../../../../src/identity/labels.ts";
import { ownLabels } from "../../../../src/identity/ownership.ts";
import type { LockRequest } from "../../../../src/oneoff/locks/lock.ts";
import { isStaleLock } from "../../../../src/oneoff/locks/lock-holder.ts";
import { acquireSwarmLock } from "../../../../src/oneoff/locks/swarm-lock.ts";
import type { Event } from "../../../../src/output/events.ts";
import { oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const SINCE = Date.UTC(2013, 2, 13, 15, 38, 8) / 1000;
const NAME = "oneoff.lock.migrate.lock";
const CREATE = "POST /configs/create";
const TAKEN = { message: "rpc error: code = AlreadyExists desc = name conflicts with an existing object" };

const config = (owner: string, labels: Record<string, string> = {}) => ({
  ...{ ID: "c1", Version: { Index: 7 }, CreatedAt: "2013-03-13T15:38:08Z", UpdatedAt: "2013-03-13T15:38:08Z" },
  Spec: {
    Name: NAME,
    Data: "eA==",
    Labels: ownLabels(NAME, {
      ...{ [LABEL.kind]: "lock", [LABEL.lock]: "migrate", [LABEL.app]: "shop_web", [LABEL.name]: "run.1111" },
      [LABEL.owner]: owner,
      ...labels,
    }),
  },
});

const serviceOf = (kind: string) => ({
  ...{ ID: "s1", Version: { Index: 7 }, CreatedAt: "2013-03-13T15:38:08Z", UpdatedAt: "2013-03-13T15:38:08Z" },
  Spec: {
    Name: "shop_web-run-1111",
    Labels: ownLabels("shop_web-run-1111", {
      ...{ [LABEL.kind]: kind, [LABEL.app]: "shop_web", [LABEL.name]: "run.1111" },
    }),
    TaskTemplate: {},
  },
});

const taskIn = (State: string) => ({
  ...{ ID: "t1", Version: { Index: 7 }, CreatedAt: "2013-03-13T15:38:08Z", UpdatedAt: "2013-03-13T15:38:08Z" },
  ...{ Spec: {}, ServiceID: "s1", DesiredState: "running", Status: { Timestamp: "2013-03-13T15:38:09Z", State } },
});

async function scene() {
  const engine = await fakeEngine({ time: SINCE + 60 });
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const events: Event[] = [];
  const owner = { self: "here:2", isAlive: (one: string) => ({ "here:1": true, "here:0": false })[one] };
  const context = { engine: transport, report: (event: Event) => events.push(event), owner };
  return {
    engine,
    events,
    acquire: (onConflict: LockRequest["onConflict"] = "fail") =>
      acquireSwarmLock(context, { key: "migrate", onConflict, holder: { name: "run.2222", app: "blog" } }).catch(
        (error: OneoffError) => error,
      ),
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

const HELD = { isHeld: expect.any(Function), leave: expect.any(Function), [Symbol.asyncDispose]: expect.any(Function) };

test("acquires a free lock with one request", async () => {
  await using s = await scene();
  s.engine.on(CREATE, 201, { ID: "c2" });
  expect(await s.acquire()).toEqual(HELD);
  expect(s.engine.requests.map(({ body }) => body.Labels)).toMatchObject([
    { [LABEL.lock]: "migrate", [LABEL.app]: "blog", [LABEL.name]: "run.2222", [LABEL.owner]: "here:2" },
  ]);
});

test.each([
  ["of a service task that runs", "there:1", [serviceOf("run")], [taskIn("running")]],
  ["of a service task that runs without its owner", "here:0", [serviceOf("run")], [taskIn("running")]],
  ["of an owner that has not created anything yet", "here:1", [], undefined],
  ["of an owner on another machine", "there:1", [], undefined],
])("refuses the lock %s", async (_, owner, services, tasks) => {
  await using s = await scene();
  s.engine.on(CREATE, 409, TAKEN);
  s.engine.on("GET /configs", 200, [config(owner)]);
  s.engine.on("GET /services", 200, services);
  if (tasks) s.engine.on("GET /tasks", 200, tasks);
  else s.engine.on("GET /containers/json", 200, []);
  expect(await s.acquire()).toMatchObject({
    code: "lock-held",
    message: 'Lock "migrate" is held by run.1111 of shop_web since 2013-03-13T15:38:08Z',
  });
});

test.each([
  ["whose task has ended", "here:1", [serviceOf("run")], [taskIn("complete")]],
  ["whose owner has exited", "here:0", [], undefined],
])("takes over a lock %s", async (_, owner, services, tasks) => {
  await using s = await scene();
  s.engine.on(CREATE, 409, TAKEN);
  s.engine.on("GET /configs", 200, [config(owner)]);
  s.engine.on("GET /services", 200, services);
  if (tasks) s.engine.on("GET /tasks", 200, tasks);
  else s.engine.on("GET /containers/json", 200, []);
  s.engine.on("DELETE /configs/c1", 204);
  s.engine.on(CREATE, 201, { ID: "c2" });
  expect(await s.acquire()).toEqual(HELD);
});

test("skips the one-off if a container holds the lock", async () => {
  await using s = await scene();
  s.engine.on(CREATE, 409, TAKEN);
  s.engine.on("GET /configs", 200, [config("here:0")]);
  s.engine.on("GET /services", 200, []);
  s.engine.on("GET /containers/json", 200, [oneoffOf("shop_web", 1111)]);
  expect(await s.acquire("skip")).toBeUndefined();
  expect(s.events).toEqual([{ type: "lock-skipped", key: "migrate", app: "shop_web", name: "run.1111" }]);
});

describe("a lock is", () => {
  const lock = { renewed: 0 };
  const [soon, late] = [3600, 3601];
  test.each([
    ["held by an owner on another machine that was alive within the hour", soon, { isOwnerAlive: undefined }, false],
    ["stale if such an owner was silent for an hour", late, { isOwnerAlive: undefined }, true],
    ["held by a living owner on this machine", late, { isOwnerAlive: true }, false],
    ["stale if its owner on this machine has exited", soon, { isOwnerAlive: false }, true],
    ["held by a one-off that was left on another node", late, { isOwnerAlive: false, isElsewhere: true }, false],
    [
      "held by the service beside a one-off, whose owner has exited",
      late,
      { isOwnerAlive: false, service: { id: "s1", isTask: false, hasEnded: false } },
      false,
    ],
  ] as const)("%s", (_, now, holder, isStale) => expect(isStaleLock(lock, holder, now)).toBe(isStale));
});
