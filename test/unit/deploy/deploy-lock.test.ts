import { expect, onTestFinished, test, vi } from "vitest";
import { lockDeploys } from "../../../src/deploy/deploy-lock.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import type { OneoffError } from "../../../src/errors/error.ts";
import { NO_LABELS } from "../../../src/identity/ownership.ts";
import { lockName } from "../../../src/oneoff/locks/lock-name.ts";
import type { Event } from "../../../src/output/events.ts";
import { listed } from "../../support/deployed.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const CREATE = "POST /containers/create";
const LIST = "GET /containers/json";
const SINCE = Date.UTC(2013, 2, 13, 15, 38, 8) / 1000;
const KEY = "deploy/a";
const TAKEN = { message: `Conflict. The container name "/${lockName(KEY)}" is already in use by container "l1".` };

async function scene({ interrupted }: { interrupted?: Promise<never> } = {}) {
  const engine = await fakeEngine({ time: SINCE + 60 });
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const events: Event[] = [];
  engine.on("GET /images/json", 200, [{ Id: "e" }]);
  const context = {
    ...{ engine: transport, report: (event: Event) => events.push(event) },
    owner: { self: "me", isAlive: (owner: string) => ({ me: true, other: true, dead: false })[owner] },
    ...(interrupted && { interrupted }),
  };
  const created = { State: "created", Status: "Created", Created: SINCE };
  return {
    engine,
    events,
    lock: (onConflict: "fail" | "wait" = "fail") => lockDeploys(context, "a", onConflict),
    /** Another deploy holds the lock. */
    lockHeldBy(owner: string) {
      const kind = "dev.oneoff.kind";
      const shared = { "dev.oneoff.app": "a", "dev.oneoff.name": "deploy", "dev.oneoff.owner": owner };
      const lock = { ...shared, [kind]: "lock", "dev.oneoff.lock": KEY, "dev.oneoff.lock-holder": "h1" };
      engine.on(LIST, 200, [listed(lockName(KEY), lock, { ...created, Id: "l1" })]);
      engine.on(LIST, 200, [
        listed("holder", { ...shared, [kind]: "deploy", "dev.oneoff.lock": KEY }, { ...created, Id: "h1" }),
      ]);
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

test("holds the lock with a container that is never started, and removes both", async () => {
  await using s = await scene();
  const [holder, lock] = [s.engine.on(CREATE, 201, { Id: "m" }), s.engine.on(CREATE, 201, { Id: "l" })];
  const held = await s.lock();
  const Labels = { "dev.oneoff.app": "a", "dev.oneoff.name": "deploy", "dev.oneoff.owner": "me" };
  const { query, body } = await holder;
  expect(query.name).toMatch(/^a\.deploy\.[0-9a-f]{12}$/);
  expect(body).toEqual({
    ...{ Image: "oneoff-empty:latest", Cmd: ["-"] },
    Labels: {
      ...{ ...NO_LABELS, ...Labels, "dev.oneoff.container": query.name },
      ...{ "dev.oneoff.kind": "deploy", "dev.oneoff.lock": KEY },
    },
  });
  expect((await lock).query).toEqual({ name: lockName(KEY) });
  expect((await lock).body.Labels).toEqual({
    ...{ ...NO_LABELS, ...Labels, "dev.oneoff.container": lockName(KEY), "dev.oneoff.kind": "lock" },
    ...{ "dev.oneoff.lock": KEY, "dev.oneoff.lock-holder": "m" },
  });
  s.engine.on("DELETE /containers/l", 204);
  s.engine.on("DELETE /containers/m", 204);
  await held[Symbol.asyncDispose]();
  // The lock first: another client would take over a lock without a holder.
  expect(s.engine.requests.slice(-2).map(({ method, path }) => `${method} ${path}`)).toEqual([
    "DELETE /containers/l",
    "DELETE /containers/m",
  ]);
});

test.each<[what: string, answer: [status: number, body: unknown], removed: boolean]>([
  ["cleans up while it holds the lock", [200, [listed(lockName(KEY), {}, { Id: "l" })]], true],
  ["cleans up nothing after it lost the lock", [200, []], false],
  ["leaves the clean-up to the next deploy if the engine fails", [500, { message: "disk on fire" }], false],
])("%s", async (_what, [status, body], removed) => {
  await using s = await scene();
  s.engine.on(CREATE, 201, { Id: "m" });
  s.engine.on(CREATE, 201, { Id: "l" });
  const held = await s.lock();
  const asked = s.engine.on(LIST, status, body);
  let isRemoved = false;
  await held.cleanUp(async () => {
    isRemoved = true;
    throw new Error("in use");
  });
  expect(isRemoved).toBe(removed);
  expect(JSON.parse((await asked).query.filters ?? "")).toEqual({ id: ["l"] });
  s.engine.on("DELETE /containers/l", 204);
  s.engine.on("DELETE /containers/m", 204);
  await held[Symbol.asyncDispose]();
});

test("renews the heartbeat while the lock is held", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  await using s = await scene();
  s.engine.on(CREATE, 201, { Id: "m".repeat(64) });
  s.engine.on(CREATE, 201, { Id: "l" });
  const held = await s.lock();
  const name = s.engine.requests.find(({ path }) => path === "/containers/create")?.query.name;
  for (let n = 0; n < 2; n += 1) {
    const renamed = s.engine.on(`POST /containers/${"m".repeat(64)}/rename`, 204);
    vi.advanceTimersByTime(10 * 60_000);
    // A busy machine may be some seconds late.
    expect((await renamed).query.name).toMatch(new RegExp(`^${name}\\.at-${String(SINCE + 60).slice(0, -2)}\\d\\d$`));
  }
  s.engine.on("DELETE /containers/l", 204);
  s.engine.on(`DELETE /containers/${"m".repeat(64)}`, 204);
  await held[Symbol.asyncDispose]();
  expect(vi.getTimerCount()).toBe(0);
});

test("fails with the start time of another deploy, and removes its container", async () => {
  await using s = await scene();
  s.engine.on(CREATE, 201, { Id: "m" });
  s.engine.on(CREATE, 409, TAKEN);
  s.lockHeldBy("other");
  s.engine.on("DELETE /containers/m", 204);
  const error: OneoffError = await s.lock().then(
    () => expect.fail("acquired the lock"),
    (error) => error,
  );
  expect(error).toMatchObject({
    code: "deploy-under-way",
    message: "A deploy or another change of a is already in progress since 2013-03-13T15:38:08Z",
    next: "use --wait to wait until it finishes, or see: oneoff locks a",
  });
});

test("takes over the lock of a killed deploy", async () => {
  await using s = await scene();
  s.engine.on(CREATE, 201, { Id: "m" });
  s.engine.on(CREATE, 409, TAKEN);
  s.lockHeldBy("dead");
  s.engine.on("DELETE /containers/l1", 204);
  s.engine.on(CREATE, 201, { Id: "l2" });
  const held = await s.lock();
  s.engine.on("DELETE /containers/l2", 204);
  s.engine.on("DELETE /containers/m", 204);
  await held[Symbol.asyncDispose]();
});

test("reports a wait for the lock once, and stops on an interrupt", async () => {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  await using s = await scene({ interrupted: promise });
  s.engine.on(CREATE, 201, { Id: "m" });
  s.engine.on(CREATE, 409, TAKEN);
  s.lockHeldBy("other");
  const retry = s.engine.on(CREATE, 409, TAKEN);
  s.lockHeldBy("other");
  s.engine.on("DELETE /containers/m", 204);
  const waiting = s.lock("wait");
  await retry;
  reject(new Error("ended"));
  await expect(waiting).rejects.toThrow("ended");
  expect(s.events).toEqual([{ type: "lock-waiting", key: KEY, app: "a", name: "deploy" }]);
});
