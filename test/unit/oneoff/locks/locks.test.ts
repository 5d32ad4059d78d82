import { expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { unlockAny } from "../../../../src/oneoff/locks/all-locks.ts";
import { findLock, listLocks } from "../../../../src/oneoff/locks/locks.ts";
import { filtersOf, listed, lists, ofOneoff, oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const clock = { now: 1000, isAlive: () => undefined };

const lock = (key: string, app: string, number: number) =>
  listed(
    `oneoff.lock.${key}`,
    {
      "dev.oneoff.kind": "lock",
      "dev.oneoff.lock": key,
      "dev.oneoff.lock-holder": `id-of-${app}.run.${number}`,
      "dev.oneoff.app": app,
      "dev.oneoff.name": `run.${number}`,
    },
    { State: "created", Created: 900 },
  );

async function scene(...containers: ContainerSummary[][]) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  for (const answer of containers) lists(engine, 1, answer);
  return {
    engine,
    transport,
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

/** A one-off that was created to request a lock. */
const holding = (key: string, number: number) => {
  const one = oneoffOf("my-app", number);
  return { ...one, Labels: { ...one.Labels, "dev.oneoff.lock": key } };
};

const shown = ({ key, app, name, since, state, holder }: Awaited<ReturnType<typeof listLocks>>[number]) =>
  [key, app, name, since, state, holder?.containerName] as const;

test("lists locks and their holders by key with one request", async () => {
  const ended = { ...holding("import", 3333), State: "exited", Status: "Exited (0) 1 second ago" };
  await using s = await scene([
    lock("seed", "my-app", 1111),
    lock("migrate", "my-app", 2222),
    lock("import", "my-app", 3333),
    holding("migrate", 2222),
    ended,
    ofOneoff("my-app", "web"),
  ]);
  expect((await listLocks(s.transport, clock)).map(shown)).toEqual([
    ["import", "my-app", "run.3333", 900, "stale", "my-app.run.3333"],
    ["migrate", "my-app", "run.2222", 900, "held", "my-app.run.2222"],
    ["seed", "my-app", "run.1111", 900, "stale", undefined],
  ]);
  expect(s.engine.requests.map(filtersOf)).toEqual([{ label: ["dev.oneoff.kind"] }]);
});

test("queries the locks of an app by its label", async () => {
  await using s = await scene([lock("a", "blog", 1111), lock("b", "my-app", 1111), holding("b", 1111)]);
  expect((await listLocks(s.transport, clock, "my-app")).map(({ key, state }) => [key, state])).toEqual([
    ["b", "held"],
  ]);
  expect(s.engine.requests.map(filtersOf)).toEqual([{ label: ["dev.oneoff.kind", "dev.oneoff.app=my-app"] }]);
});

test("finds no lock for a key without one", async () => {
  await using s = await scene([]);
  expect(await findLock(s.transport, clock, "migrate")).toBeUndefined();
});

test("accepts only containers of oneoff as locks and holders", async () => {
  const holder = { ...oneoffOf("my-app", 1111), Names: ["/copy"] };
  const copy = { ...lock("copied", "my-app", 1111), Names: ["/other"] };
  await using s = await scene([lock("migrate", "my-app", 1111), holder, copy]);
  expect((await listLocks(s.transport, clock)).map(shown)).toEqual([
    ["migrate", "my-app", "run.1111", 900, "stale", undefined],
  ]);
  const forged = { ...lock("forged", "my-app", 1111), Labels: { ...copy.Labels, "dev.oneoff.lock": "forged" } };
  s.engine.on("GET /containers/json", 200, [forged]);
  await expect(unlockAny(s.transport, clock, "forged", true)).rejects.toMatchObject({ code: "lock-name-taken" });
  // Not even by name, when its image has all the labels.
  const { Labels } = lock("stolen", "my-app", 1111);
  s.engine.on("GET /containers/json", 200, [{ ...lock("stolen", "my-app", 1111), ImageID: "sha256:committed" }]);
  s.engine.on("GET /images/sha256:committed/json", 200, { Id: "sha256:committed", Config: { Labels } });
  await expect(unlockAny(s.transport, clock, "stolen", true)).rejects.toMatchObject({ code: "lock-name-taken" });
});

test("requests no container for a lock without a holder", async () => {
  const nobodys = lock("migrate", "my-app", 1111);
  await using s = await scene([{ ...nobodys, Labels: { ...nobodys.Labels, "dev.oneoff.lock-holder": "" } }]);
  expect(await findLock(s.transport, clock, "migrate")).toMatchObject({ state: "stale", holder: undefined });
  expect(s.engine.lines.filter((line) => line.startsWith("GET /containers/json"))).toHaveLength(1);
});

test("removes a lock whose holder was removed", async () => {
  await using s = await scene([lock("migrate", "my-app", 1111)], []);
  s.engine.on("DELETE /containers/id-of-oneoff.lock.migrate", 204);
  expect(await unlockAny(s.transport, clock, "migrate", false)).toMatchObject({ key: "migrate", state: "stale" });
});

test("removes a held lock by force only", async () => {
  const held = [lock("migrate", "my-app", 1111)];
  const holder = [holding("migrate", 1111)];
  await using s = await scene(held, holder, held, holder);
  await expect(unlockAny(s.transport, clock, "migrate", false)).rejects.toMatchObject({
    code: "lock-held",
    message: 'Lock "migrate" is held by run.1111 of my-app since 1970-01-01T00:15:00Z',
    next: "oneoff unlock --force migrate",
  });
  s.engine.on("DELETE /containers/id-of-oneoff.lock.migrate", 404, { message: "somebody else was quicker" });
  expect(await unlockAny(s.transport, clock, "migrate", true)).toMatchObject({ key: "migrate", state: "held" });
});

test("fails when no lock exists", async () => {
  await using s = await scene([]);
  await expect(unlockAny(s.transport, clock, "migrate", true)).rejects.toMatchObject({
    code: "unknown-lock",
    message: 'No such lock "migrate"',
    next: "oneoff locks",
  });
});
