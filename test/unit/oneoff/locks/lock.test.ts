import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import { NO_LABELS } from "../../../../src/identity/ownership.ts";
import { acquireLock, type LockRequest } from "../../../../src/oneoff/locks/lock.ts";
import type { Event } from "../../../../src/output/events.ts";
import { filtersOf, listed } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const CREATE = "POST /containers/create";
const LIST = "GET /containers/json";
const TAKEN = { message: 'Conflict. The container name "/oneoff.lock.migrate" is already in use by container "l1".' };
const BUSY = { message: "removal of container l1 is already in progress" };
const SINCE = Date.UTC(2013, 2, 13, 15, 38, 8) / 1000;

const lock = (Id = "l1", holder = "h1", fields: Partial<ContainerSummary> = {}) =>
  listed(
    "oneoff.lock.migrate",
    {
      "dev.oneoff.kind": "lock",
      "dev.oneoff.lock": "migrate",
      "dev.oneoff.lock-holder": holder,
      "dev.oneoff.app": "blog",
      "dev.oneoff.name": "run.1111",
    },
    { Id, State: "created", Status: "Created", Created: SINCE, ...fields },
  );
const holder = (fields: Partial<ContainerSummary> = {}, owner = "here:1", Id = "h1") =>
  listed(
    "blog.run.1111",
    { "dev.oneoff.kind": "run", "dev.oneoff.owner": owner, "dev.oneoff.lock": "migrate" },
    { Id, ...fields },
  );
const ended = { State: "exited", Status: "Exited (0) 1 second ago" };
const created = { State: "created", Status: "Created" };

const RELEASABLE = { isHeld: expect.any(Function), [Symbol.asyncDispose]: expect.any(Function) };

async function scene() {
  const engine = await fakeEngine({ time: SINCE + 60 });
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const events: Event[] = [];
  const context = {
    engine: transport,
    report: (event: Event) => events.push(event),
    owner: { self: "here:2", isAlive: (owner: string) => ({ "here:1": true, "here:0": false })[owner] },
  };
  return {
    engine,
    events,
    acquire: (onConflict: LockRequest["onConflict"] = "fail", interrupted?: Promise<never>) =>
      acquireLock(interrupted ? { ...context, interrupted } : context, {
        key: "migrate",
        onConflict,
        holder: { id: "h2", name: "run.2222", app: "my-app" },
        image: "img",
      }).catch((error: OneoffError) => error),
    /** Creates fail: the name is in use by this lock with this holder. */
    conflict(theLock: ContainerSummary | undefined, itsHolder?: ContainerSummary) {
      engine.on(CREATE, 409, TAKEN);
      engine.on(LIST, 200, theLock ? [theLock] : []);
      if (theLock) engine.on(LIST, 200, itsHolder ? [itsHolder] : []);
    },
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

test("creates a container with the lock's name and its holder", async () => {
  await using s = await scene();
  s.engine.on(CREATE, 201, { Id: "l2" });
  expect(await s.acquire()).toEqual(RELEASABLE);
  expect(s.engine.requests.map(({ query, body }) => [query, body])).toEqual([
    [
      { name: "oneoff.lock.migrate" },
      {
        Image: "img",
        Cmd: ["-"],
        Labels: {
          ...NO_LABELS,
          "dev.oneoff.container": "oneoff.lock.migrate",
          "dev.oneoff.kind": "lock",
          "dev.oneoff.lock": "migrate",
          "dev.oneoff.lock-holder": "h2",
          "dev.oneoff.app": "my-app",
          "dev.oneoff.name": "run.2222",
          "dev.oneoff.owner": "here:2",
        },
      },
    ],
  ]);
  expect(s.events).toEqual([]);
});

describe("releasing a lock", () => {
  test("releases a lock by its id and leaves a newer one alone", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "l2" });
    {
      await using _lock = (await s.acquire()) as AsyncDisposable;
      s.engine.on("DELETE /containers/l2", 204);
    }
    expect(s.engine.lines.at(-1)).toBe("DELETE /containers/l2?force=1&v=1");
  });

  test.each([
    [404, "No such container: l2"],
    [409, BUSY.message],
    [500, "disk on fire"],
  ])("ignores a release that the engine answers with %i", async (status, message) => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "l2" });
    const taken = (await s.acquire()) as AsyncDisposable;
    s.engine.on("DELETE /containers/l2", status, { message });
    await taken[Symbol.asyncDispose]();
  });
});

describe("a held lock", () => {
  test("queries a held lock by name and its holder by id", async () => {
    await using s = await scene();
    s.conflict(lock(), holder());
    await s.acquire();
    const listings = s.engine.requests.filter(({ path }) => path === "/containers/json");
    expect(listings.map(filtersOf)).toEqual([{ name: ["^oneoff\\.lock\\.migrate$"] }, { id: ["h1"] }]);
  });

  test("fails with the holder, its start and the next command", async () => {
    await using s = await scene();
    s.conflict(lock(), holder());
    expect(await s.acquire()).toMatchObject({
      code: "lock-held",
      kind: "failed",
      message: 'Lock "migrate" is held by run.1111 of blog since 2013-03-13T15:38:08Z',
      next: "oneoff run --lock migrate --on-conflict wait …",
    });
  });

  test("reports that the one-off is skipped", async () => {
    await using s = await scene();
    s.conflict(lock(), holder());
    expect(await s.acquire("skip")).toBeUndefined();
    expect(s.events).toEqual([{ type: "lock-skipped", key: "migrate", name: "run.1111", app: "blog" }]);
  });

  test("takes a lock whose holder is about to start for held", async () => {
    await using s = await scene();
    s.conflict(lock(), holder(created));
    expect(await s.acquire()).toMatchObject({ code: "lock-held" });
  });
});

describe("waiting for a lock", () => {
  test("waits until the holder has exited and reports it once", async () => {
    await using s = await scene();
    s.conflict(lock(), holder());
    const wait = s.engine.on("POST /containers/h1/wait");
    const acquired = s.acquire("wait");
    const exchange = await wait;
    expect(exchange.query).toEqual({ condition: "not-running" });
    expect(s.events).toEqual([{ type: "lock-waiting", key: "migrate", name: "run.1111", app: "blog" }]);
    // Its own session removed it meanwhile.
    s.engine.on(CREATE, 201, { Id: "l2" });
    exchange.reply(200, { StatusCode: 1 });
    expect(await acquired).toEqual(RELEASABLE);
    expect(s.events).toHaveLength(1);
  });

  test("continues to wait, and reports it, when another one-off is faster", async () => {
    await using s = await scene();
    s.conflict(lock(), holder());
    s.engine.on("POST /containers/h1/wait", 200, { StatusCode: 0 });
    s.conflict(lock("l3", "h3"), holder({}, "here:1", "h3"));
    const wait = s.engine.on("POST /containers/h3/wait");
    const acquired = s.acquire("wait");
    s.engine.on(CREATE, 201, { Id: "l2" });
    (await wait).reply(200, { StatusCode: 0 });
    expect(await acquired).toEqual(RELEASABLE);
    expect(s.events.map(({ type }) => type)).toEqual(["lock-waiting", "lock-waiting"]);
  });

  test("acquires the lock when the holder was removed before the wait", async () => {
    await using s = await scene();
    s.conflict(lock(), holder());
    s.engine.on("POST /containers/h1/wait", 404, { message: "No such container: h1" });
    s.engine.on(CREATE, 201, { Id: "l2" });
    expect(await s.acquire("wait")).toEqual(RELEASABLE);
  });

  test("does not take a holder that has not started for exited", async () => {
    await using s = await scene();
    s.conflict(lock(), holder(created));
    s.conflict(lock(), holder());
    const wait = s.engine.on("POST /containers/h1/wait");
    const acquired = s.acquire("wait");
    s.engine.on(CREATE, 201, { Id: "l2" });
    (await wait).reply(200, { StatusCode: 0 });
    expect(await acquired).toEqual(RELEASABLE);
    expect(s.events).toHaveLength(1);
  });

  test("ends the wait on an interrupt", async () => {
    await using s = await scene();
    s.conflict(lock(), holder());
    const wait = s.engine.on("POST /containers/h1/wait");
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    const acquired = s.acquire("wait", interrupted);
    await wait;
    reject(new Error("interrupted"));
    expect(await acquired).toMatchObject({ message: "interrupted" });
  });

  test("fails the wait when the engine is lost", async () => {
    await using s = await scene();
    s.conflict(lock(), holder());
    const wait = s.engine.on("POST /containers/h1/wait");
    const acquired = s.acquire("wait");
    (await wait).acknowledge();
    await s.engine.vanish();
    expect(await acquired).toMatchObject({ code: "wait-broken" });
  });
});

describe("replacing the holder of a lock", () => {
  test("stops the holder with its stop timeout, reports it and acquires the lock", async () => {
    await using s = await scene();
    s.conflict(lock(), holder());
    s.engine.on("POST /containers/h1/stop", 204);
    s.conflict(lock(), holder(ended));
    s.engine.on("DELETE /containers/l1", 204);
    s.engine.on(CREATE, 201, { Id: "l2" });
    expect(await s.acquire("replace")).toEqual(RELEASABLE);
    expect(s.engine.lines).toContain("POST /containers/h1/stop");
    expect(s.events).toEqual([{ type: "lock-replacing", key: "migrate", name: "run.1111", app: "blog" }]);
  });

  test("removes a holder that has not started", async () => {
    await using s = await scene();
    s.conflict(lock(), holder(created));
    s.engine.on("POST /containers/h1/stop", 304);
    s.engine.on("DELETE /containers/h1", 204);
    s.engine.on(CREATE, 201, { Id: "l2" });
    expect(await s.acquire("replace")).toEqual(RELEASABLE);
  });

  test("fails when the holder cannot be stopped", async () => {
    await using s = await scene();
    s.conflict(lock(), holder());
    s.engine.on("POST /containers/h1/stop", 500, { message: "disk on fire" });
    expect(await s.acquire("replace")).toMatchObject({ status: 500, message: "disk on fire" });
  });
});

describe("a stale lock is taken over", () => {
  test.each<[what: string, itsHolder: ContainerSummary | undefined, theLock: ContainerSummary]>([
    ["was removed", undefined, lock()],
    ["has exited and is kept", holder(ended), lock()],
    ["is just being removed", holder({ State: "removing", Status: "Removal In Progress" }), lock()],
    ["was never started by its owner, which is dead", holder(created, "here:0"), lock()],
    [
      "was not started for more than an hour by an unknown owner",
      holder({ ...created, Created: SINCE - 3600 }, "elsewhere"),
      lock("l1", "h1", { Created: SINCE - 3541 }),
    ],
  ])("takes over a lock whose holder %s", async (_what, itsHolder, theLock) => {
    await using s = await scene();
    s.conflict(theLock, itsHolder);
    s.engine.on("DELETE /containers/l1", 204);
    s.engine.on(CREATE, 201, { Id: "l2" });
    expect(await s.acquire()).toEqual(RELEASABLE);
    expect(s.events).toEqual([]);
  });

  test("lets one of two take over a stale lock", async () => {
    await using s = await scene();
    // Both have read the stale lock before either removes it.
    for (let n = 0; n < 2; n += 1) s.engine.on(CREATE, 409, TAKEN);
    for (let n = 0; n < 4; n += 1) {
      s.engine.on(LIST).then((exchange) => exchange.reply(200, filtersOf(exchange).name ? [lock()] : []));
    }
    const first = s.engine.on("DELETE /containers/l1");
    const second = s.engine.on("DELETE /containers/l1");
    const one = s.acquire();
    const other = s.acquire();
    const winning = await first;
    const losing = await second;
    const createdAgain = s.engine.on(CREATE);
    winning.reply(204);
    (await createdAgain).reply(201, { Id: "l2" });
    s.conflict(lock("l2", "h2"), holder(created, "here:1", "h2"));
    losing.reply(404, { message: "No such container: l1" });
    const outcomes = await Promise.all([one, other]);
    expect(outcomes.filter((outcome) => outcome instanceof Error)).toMatchObject([{ code: "lock-held" }]);
  });

  test.each([
    [404, "No such container: l1"],
    [409, BUSY.message],
  ])("does not take over a stale lock before it is removed (%i)", async (status, message) => {
    await using s = await scene();
    s.conflict(lock());
    s.engine.on("DELETE /containers/l1", status, { message });
    s.conflict(undefined);
    s.engine.on(CREATE, 201, { Id: "l2" });
    expect(await s.acquire()).toEqual(RELEASABLE);
  });
});

test("fails when another container has the lock's name", async () => {
  await using s = await scene();
  s.engine.on(CREATE, 409, TAKEN);
  s.engine.on(LIST, 200, [listed("oneoff.lock.migrate")]);
  expect(await s.acquire("wait")).toMatchObject({
    code: "lock-name-taken",
    message: 'Cannot create the lock "migrate": container "oneoff.lock.migrate" already exists and is not a lock',
    next: "docker rm oneoff.lock.migrate, or use another key",
  });
});

test("fails when the create is refused for another reason", async () => {
  await using s = await scene();
  s.engine.on(CREATE, 404, { message: "No such image: img" });
  expect(await s.acquire("wait")).toMatchObject({ status: 404, message: "No such image: img" });
});
