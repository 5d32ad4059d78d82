import { randomUUID } from "node:crypto";
import { afterAll, expect, inject, test } from "vitest";
import { openTransport } from "../../src/engine/transport.ts";
import { acquireLock, type LockRequest } from "../../src/oneoff/locks/lock.ts";
import { lockName } from "../../src/oneoff/locks/lock-name.ts";
import type { Event } from "../../src/output/events.ts";
import { api, socketOf } from "../support/docker-api.ts";
import { BINARY, eventually, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);
const APP = `app-${randomUUID().slice(0, 8)}`;
const OURS = encodeURIComponent(JSON.stringify({ label: [`dev.oneoff.app=${APP}`] }));

const ours = async (): Promise<{ Id: string; Names: string[] }[]> =>
  (await engine.get(`/containers/json?all=1&filters=${OURS}`)).body;
afterAll(async () => {
  for (const { Id } of await ours()) await engine.delete(`/containers/${Id}?force=1`);
});

const oneoff = async (...words: string[]) =>
  said(await start([BINARY, ...words], { env: { DOCKER_HOST: host }, timeout: 60_000 }));

/** Creates a one-off that is to hold a lock. */
async function makeHolder(lock: string, name: string, command = ["sleep", "600"]) {
  const container = `${APP}.${name}.${randomUUID().slice(0, 8)}`;
  const labels = { "dev.oneoff.kind": "run", "dev.oneoff.app": APP, "dev.oneoff.name": name, "dev.oneoff.owner": "me" };
  const Labels = { ...labels, "dev.oneoff.container": container, "dev.oneoff.lock": lock };
  const body = { Image: "busybox:local", Cmd: command, Labels, HostConfig: { Init: true } };
  const { Id } = (await engine.post(`/containers/create?name=${container}`, body)).body;
  return { id: Id as string, name, app: APP };
}
const begin = ({ id }: { id: string }) => engine.post(`/containers/${id}/start`);

/** Each client has a connection of its own, as in a process of its own. */
async function acquire(key: string, onConflict: LockRequest["onConflict"], holder: LockRequest["holder"]) {
  const transport = openTransport(() => ({ socketPath: socketOf(host), from: "--host" }));
  const events: Event[] = [];
  const owner = { self: "me", isAlive: (one: string) => one === "me" };
  const context = {
    engine: transport,
    report: (event: Event) => events.push(event),
    owner,
    now: () => Date.now() / 1000,
  };
  const lock = await acquireLock(context, { key, onConflict, holder, image: "busybox:local" });
  return { lock, events, release: () => lock?.[Symbol.asyncDispose]() };
}

const key = () => `test/${randomUUID().slice(0, 8)}`;
const winners = (outcomes: PromiseSettledResult<unknown>[]) => outcomes.filter(({ status }) => status === "fulfilled");

test("gives a free lock to one of many that take it at the same time, and names it to the others", async () => {
  const free = key();
  const holders = await Promise.all(Array.from({ length: 8 }, (_, index) => makeHolder(free, `run.${1000 + index}`)));
  const outcomes = await Promise.allSettled(holders.map((holder) => acquire(free, "fail", holder)));
  expect(winners(outcomes)).toHaveLength(1);
  const winner = holders[outcomes.findIndex(({ status }) => status === "fulfilled")];
  for (const outcome of outcomes) {
    if (outcome.status === "rejected") {
      expect(outcome.reason.message).toContain(`Lock "${free}" is held by ${winner?.name} of ${APP} since `);
    }
  }
});

test("gives a stale lock to one of many that take it at the same time", { tags: ["full"] }, async () => {
  for (let round = 0; round < 5; round += 1) {
    const stale = key();
    const dead = await makeHolder(stale, "run.2000");
    await acquire(stale, "fail", dead);
    await engine.delete(`/containers/${dead.id}?force=1`);
    const holders = await Promise.all(
      Array.from({ length: 8 }, (_, index) => makeHolder(stale, `run.${2001 + index}`)),
    );
    const outcomes = await Promise.allSettled(holders.map((holder) => acquire(stale, "fail", holder)));
    expect(winners(outcomes)).toHaveLength(1);
  }
});

test("gives a lock to waiting one-offs one after the other", async () => {
  const busy = key();
  const inside: string[] = [];
  const seen: number[] = [];
  const turn = async (name: string) => {
    const holder = await makeHolder(busy, name, ["sleep", "0.2"]);
    const { release } = await acquire(busy, "wait", holder);
    inside.push(name);
    await begin(holder);
    seen.push(inside.length);
    await engine.post(`/containers/${holder.id}/wait`);
    inside.pop();
    await release();
  };
  await Promise.all(["run.3001", "run.3002", "run.3003", "run.3004"].map(turn));
  expect(seen).toEqual([1, 1, 1, 1]);
  expect((await ours()).flatMap(({ Names }) => Names)).not.toContain(`/${lockName(busy)}`);
});

test("skips a lock that is held, or replaces its holder", async () => {
  const wanted = key();
  const first = await makeHolder(wanted, "run.4001");
  await acquire(wanted, "fail", first);
  await begin(first);
  const skipped = await acquire(wanted, "skip", await makeHolder(wanted, "run.4002"));
  expect(skipped).toMatchObject({ lock: undefined, events: [{ type: "lock-skipped", name: "run.4001" }] });
  const second = await makeHolder(wanted, "run.4003", ["true"]);
  const { lock, events } = await acquire(wanted, "replace", second);
  expect(lock).toBeDefined();
  expect(events).toEqual([{ type: "lock-replacing", key: wanted, name: "run.4001", app: APP }]);
  expect((await engine.get(`/containers/${first.id}/json`)).body.State.Running).toBe(false);
}, 60_000);

test("leaves the container named by a lock alone if oneoff did not create the lock", { tags: ["full"] }, async () => {
  const forged = key();
  await using mine = suite.apart();
  const [label, value] = mine.label.split("=") as [string, string];
  const create = async (name: string, Labels: Record<string, string>) => {
    const body = { Image: "busybox:local", Cmd: ["sleep", "600"], Labels: { [label]: value, ...Labels } };
    return (await engine.post(`/containers/create?name=${name}`, { ...body, HostConfig: { Init: true } })).body.Id;
  };
  const bystander = await create(`bystander-${randomUUID().slice(0, 8)}`, {});
  await engine.post(`/containers/${bystander}/start`);
  const labels = {
    ...{ "dev.oneoff.kind": "lock", "dev.oneoff.lock": forged, "dev.oneoff.lock-holder": bystander },
    ...{ "dev.oneoff.app": APP, "dev.oneoff.name": "run.6001", "dev.oneoff.container": lockName(forged) },
  };
  const replace = () => mine.run(["--lock", forged, "--on-conflict", "replace", APP, "echo", "mine"]);
  const copy = await create(`copy-${randomUUID().slice(0, 8)}`, labels);
  expect((await oneoff("locks", APP)).stdout).not.toContain(forged);
  expect(await replace()).toMatchObject({ code: 0, stdout: "mine\n" });
  const { "dev.oneoff.container": _, ...without } = labels;
  const taken = await create(lockName(forged), without);
  expect(await replace()).toMatchObject({
    code: 125,
    stderr: expect.stringContaining(`container "${lockName(forged)}" already exists and is not a lock`),
  });
  await engine.delete(`/containers/${taken}`);
  // A perfect imitation: only the client that wanted this very lock holds it.
  await create(lockName(forged), labels);
  expect(await replace()).toMatchObject({ code: 0, stdout: "mine\n" });
  expect((await engine.get(`/containers/${bystander}/json`)).body.State.Running).toBe(true);
  expect((await engine.get(`/containers/${copy}/json`)).status).toBe(200);
});

test("a container of a committed lock holds no lock, though it has the lock's name", { tags: ["full"] }, async () => {
  const wanted = key();
  await using mine = suite.apart();
  await using bystander = await mine.start([APP, "sh", "-c", "read line"], { stdin: "pipe" });
  const { Id } = await mine.running();
  const { lock } = await acquire(wanted, "fail", await makeHolder(wanted, "run.6101"));
  const image = `lock-${randomUUID().slice(0, 8)}`;
  expect((await engine.post(`/commit?container=${lockName(wanted)}&repo=${image}&tag=1`, {})).status).toBe(201);
  await lock?.[Symbol.asyncDispose]();
  const body = { Image: `${image}:1`, Cmd: ["-"] };
  const copy = (await engine.post(`/containers/create?name=${lockName(wanted)}`, body)).body.Id;
  expect(await oneoff("unlock", "--force", wanted)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`container "${lockName(wanted)}" already exists and is not a lock`),
  });
  expect(await mine.run(["--lock", wanted, "--on-conflict", "replace", APP, "true"])).toMatchObject({ code: 125 });
  expect((await oneoff("reap", "--dry-run")).stdout).not.toContain(lockName(wanted));
  expect((await engine.get(`/containers/${copy}/json`)).status).toBe(200);
  expect((await engine.get(`/containers/${Id}/json`)).body.State.Running).toBe(true);
  bystander.child.stdin?.end("x\n");
  expect(await bystander.done).toMatchObject({ code: 0 });
  await engine.delete(`/containers/${copy}`);
  await engine.delete(`/images/${image}:1`);
});

test("lists and removes locks", async () => {
  const [held, stale] = [key(), key()];
  const holder = await makeHolder(held, "run.5001");
  await acquire(held, "fail", holder);
  await begin(holder);
  const dead = await makeHolder(stale, "run.5002");
  await acquire(stale, "fail", dead);
  await engine.delete(`/containers/${dead.id}?force=1`);

  const states = async (): Promise<Record<string, string>> => {
    const { stdout } = await oneoff("locks", APP, "--format", "json");
    return Object.fromEntries(JSON.parse(stdout).map((one: { key: string; state: string }) => [one.key, one.state]));
  };
  const both = await states();
  expect(both[held]).toBe("held");
  // Another client that reaps on this engine may remove it earlier.
  expect(both[stale] ?? "stale").toBe("stale");
  expect((await oneoff("locks")).stdout).toMatch(
    new RegExp(`^${held}: held by run\\.5001 of ${APP} since .* ago\\)$`, "m"),
  );
  const unlocked = [`Unlocked "${stale}"\n`, `oneoff: No such lock "${stale}"\n  oneoff locks\n`];
  expect(unlocked).toContain((await oneoff("unlock", stale)).stderr);
  const { code, stderr } = await oneoff("unlock", held);
  expect(code).toBe(1);
  expect(stderr).toContain(`Lock "${held}" is held by run.5001 of ${APP} since `);
  expect(await oneoff("unlock", "--force", held)).toMatchObject({ code: 0 });
  await eventually(async () => {
    expect(Object.keys(await states())).not.toContain(held);
    expect(Object.keys(await states())).not.toContain(stale);
  });
});

test("runs commands with the same lock one at a time when they wait", async () => {
  const busy = key();
  await using mine = suite.apart();
  const run = (...words: string[]) => mine.start(["--lock", busy, ...words]);
  await using first = await run(APP, "sh", "-c", "echo in; sleep 600");
  await eventually(() => expect(first.stdout.toString()).toBe("in\n"));
  const refused = await said(await run(APP, "true"));
  expect(refused).toMatchObject({ code: 125, stdout: "" });
  expect(refused.stderr).toMatch(new RegExp(`^oneoff: Lock "${busy}" is held by run\\.\\d{4} of ${APP} since `));
  expect(await said(await run("--on-conflict", "skip", APP, "true"))).toMatchObject({ code: 0, stdout: "" });
  await using waiting = await run("--on-conflict", "wait", APP, "echo", "now");
  await eventually(() => expect(waiting.stderr.toString()).toContain("waiting for lock "));
  const { Id } = await mine.running();
  first.child.kill("SIGKILL");
  await first.done;
  // Its session has ended, but the one-off runs: it keeps its lock.
  expect(await said(await run(APP, "true"))).toMatchObject({ code: 125 });
  expect(waiting.stdout.toString()).toBe("");
  await engine.post(`/containers/${Id}/kill`);
  expect(await said(waiting)).toMatchObject({ code: 0, stdout: "now\n" });

  await using replaced = await run(APP, "sh", "-c", "echo in; sleep 600");
  await eventually(() => expect(replaced.stdout.toString()).toBe("in\n"));
  expect(await said(await run("--on-conflict", "replace", APP, "echo", "mine"))).toMatchObject({
    code: 0,
    stdout: "mine\n",
  });
  expect((await said(replaced)).code).toBe(143);
  await mine.gone();
  expect((await ours()).flatMap(({ Names }) => Names)).not.toContain(`/${lockName(busy)}`);
}, 60_000);
