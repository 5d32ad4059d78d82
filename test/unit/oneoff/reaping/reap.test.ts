import { expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import type { Overdue } from "../../../../src/oneoff/reaping/overdue.ts";
import { findOverdue, reap, reapInPassing } from "../../../../src/oneoff/reaping/reap.ts";
import { filtersOf, listed, lists } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { fakeJournal } from "../../../support/fake-journal.ts";

/** The engine's time. */
const NOW = 1_000_000;
const clock = { isAlive: (owner: string) => (owner === "dead" ? false : undefined) };

const one = (id: string, labels: Record<string, string>, fields: Partial<ContainerSummary> = {}) =>
  listed(
    `my-app.${id}`,
    {
      "dev.oneoff.kind": "run",
      ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`dev.oneoff.${key}`, value])),
    },
    { Id: id, Created: 0, ...fields },
  );
const ended = { State: "exited", Status: "Exited (0) 2 minutes ago" };
const timedOut = (id: string) => one(id, { timeout: "1" });
const kept = (id: string) => one(id, { retain: "60" }, ended);

async function scene() {
  const engine = await fakeEngine({ time: NOW });
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const journal = fakeJournal();
  const refused: string[] = [];
  const onRefusal = ({ container }: Overdue, { message }: Error) => refused.push(`${container.id}: ${message}`);
  return {
    engine,
    transport,
    journal,
    context: { engine: transport, journal },
    refused,
    onRefusal,
    /** Each one with a timeout was started at once. */
    find: async (...containers: ContainerSummary[]) => {
      for (const { Id, Labels } of containers)
        if (Labels["dev.oneoff.timeout"])
          engine.always(`GET /containers/${Id}/json`, 200, {
            State: { Running: true, StartedAt: "1970-01-01T00:00:01Z" },
          });
      lists(engine, 1, containers);
      return await findOverdue(transport, clock, true, onRefusal);
    },
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

/** Requests without inspections. */
const linesOf = ({ lines }: { readonly lines: readonly string[] }) =>
  lines.filter((line) => !/^GET \/(containers\/\w+|images\/.+)\/json$/.test(line));

const ids = (overdue: readonly Overdue[]) => overdue.map(({ container }) => container.id);

test("finds overdue one-offs with one request, one for images, and one per candidate", async () => {
  await using s = await scene();
  expect(ids(await s.find(timedOut("a"), one("b", {}), listed("c")))).toEqual(["a"]);
  expect(s.engine.requests.map(filtersOf)).toEqual([{ label: ["dev.oneoff.kind"] }, {}, {}]);
  expect(s.engine.lines.slice(1)).toEqual(["GET /images/sha256:image/json", "GET /containers/a/json"]);
});

test("measures the timeout from the start of a one-off", async () => {
  await using s = await scene();
  const waited = one("a", { timeout: "60" });
  s.engine.on("GET /containers/json", 200, [waited]);
  // 1970-01-12T13:46:40Z is now.
  s.engine.on("GET /containers/a/json", 200, { State: { Running: true, StartedAt: "1970-01-12T13:45:41.5Z" } });
  expect(await findOverdue(s.transport, clock, true, s.onRefusal)).toEqual([]);
});

test("finds nothing overdue for an engine that reports no time", async () => {
  await using s = await scene();
  const listing = s.engine.on("GET /containers/json");
  const finding = findOverdue(s.transport, clock, true, s.onRefusal);
  const text = JSON.stringify([timedOut("a"), kept("b"), one("c", {}, { State: "created", Status: "Created" })]);
  (await listing).socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  expect(await finding).toEqual([]);
});

test("ignores containers that were created from a committed one-off", async () => {
  await using s = await scene();
  const copies = [timedOut("a"), kept("b"), one("c", { owner: "dead" }, { State: "created", Status: "Created" })];
  expect(await s.find(...copies.map((copy) => ({ ...copy, Names: ["/copy"] })))).toEqual([]);
});

test("inspects only one-offs that may have been kept long enough", async () => {
  await using s = await scene();
  s.engine.on("GET /containers/a/json", 200, { State: { FinishedAt: "1970-01-12T13:45:40Z" } });
  s.engine.on("GET /containers/b/json", 200, { State: { FinishedAt: "1970-01-12T13:45:41Z" } });
  const fresh = one("c", { retain: "60" }, { ...ended, Created: NOW - 30 });
  expect(ids(await s.find(kept("a"), kept("b"), fresh, timedOut("d")))).toEqual(["a", "d"]);
});

test("ignores removed one-offs and reports those that cannot be inspected", async () => {
  await using s = await scene();
  s.engine.on("GET /containers/a/json", 404, { message: "No such container: a" });
  s.engine.on("GET /containers/b/json", 500, { message: "disk on fire" });
  s.engine.on("GET /containers/c/json", 200, { State: { FinishedAt: "1970-01-01T00:00:00Z" } });
  expect(ids(await s.find(kept("a"), kept("b"), kept("c")))).toEqual(["c"]);
  expect(s.refused).toEqual(["b: disk on fire"]);
});

test("stops with the one-off's stop timeout, sends SIGHUP once, and removes with volumes", async () => {
  await using s = await scene();
  const found = await s.find(
    timedOut("a"),
    one("b", { owner: "dead", "on-disconnect": "hup" }),
    one("c", { owner: "dead" }, { State: "created", Status: "Created" }),
  );
  s.engine.on("POST /containers/a/stop", 204);
  s.engine.on("POST /containers/b/kill", 204);
  s.engine.on("POST /containers/b/rename", 204);
  s.engine.on("DELETE /containers/c", 204);
  expect(await reap(s.context, found, s.onRefusal)).toEqual(found);
  expect(linesOf(s.engine).slice(1).sort()).toEqual([
    "DELETE /containers/c?v=1",
    "POST /containers/a/stop",
    "POST /containers/b/kill?signal=SIGHUP",
    "POST /containers/b/rename?name=my-app.b.left",
  ]);
});

test("journals an exit that only the engine knows before the removal", async () => {
  await using s = await scene();
  s.engine.on("GET /containers/a/json", 200, { State: { FinishedAt: "1970-01-12T13:45:00.5Z", OOMKilled: true } });
  const found = await s.find(one("a", { retain: "60" }, { State: "exited", Status: "Exited (137) 2 minutes ago" }));
  s.engine.on("DELETE /containers/a", 204);
  await reap(s.context, found, s.onRefusal);
  expect(s.journal.entries).toMatchObject([
    { containerId: "a", event: "exited", exitCode: 137, oomKilled: true, time: "1970-01-12T13:45:00.500Z" },
  ]);
});

test("journals an exit once", async () => {
  await using s = await scene();
  s.journal.append({ app: "", name: "", containerId: "a", event: "exited", exitCode: 0 });
  const found = await s.find(one("a", { owner: "dead" }, ended));
  s.engine.on("DELETE /containers/a", 204);
  expect(ids(await reap(s.context, found, s.onRefusal))).toEqual(["a"]);
  expect(s.journal.entries).toHaveLength(1);
});

test("lets two processes reap in parallel without failures", async () => {
  await using s = await scene();
  const found = await s.find(...["a", "b", "c", "d"].map(timedOut));
  s.engine.on("POST /containers/a/stop", 204);
  s.engine.on("POST /containers/b/stop", 404, { message: "No such container: b" });
  s.engine.on("POST /containers/c/stop", 409, { message: "removal of container c is already in progress" });
  s.engine.on("POST /containers/d/stop", 304);
  expect(ids(await reap(s.context, found, s.onRefusal))).toEqual(["a", "d"]);
  expect(s.refused).toEqual([]);
});

test("reaps the other one-offs when one cannot be removed", async () => {
  await using s = await scene();
  const found = await s.find(...["a", "b"].map(timedOut));
  s.engine.on("POST /containers/a/stop", 500, { message: "disk on fire" });
  s.engine.on("POST /containers/b/stop", 204);
  expect(ids(await reap(s.context, found, s.onRefusal))).toEqual(["b"]);
  expect(s.refused).toEqual(["a: disk on fire"]);
});

test("sends at most sixteen requests in parallel", async () => {
  await using s = await scene();
  const names = Array.from({ length: 20 }, (_, index) => `c${index}`);
  const found = await s.find(...names.map(timedOut));
  const stops = names.map((name) => s.engine.on(`POST /containers/${name}/stop`));
  const reaped = reap(s.context, found, s.onRefusal);
  const first = await Promise.all(stops.slice(0, 16));
  expect(linesOf(s.engine)).toHaveLength(1 + 16);
  for (const exchange of first) exchange.reply(204);
  for (const stop of stops.slice(16)) (await stop).reply(204);
  expect(ids(await reaped)).toEqual(names);
});

test("fails when the engine is lost", async () => {
  await using s = await scene();
  const found = await s.find(timedOut("a"));
  await s.engine.vanish();
  await expect(reap(s.context, found, s.onRefusal)).rejects.toMatchObject({ code: "engine-unreachable" });
});

test("does not wait for reaping in passing and leaves the rest", async () => {
  await using s = await scene();
  const listing = s.engine.on("GET /containers/json");
  s.engine.on("GET /containers/a/json", 200, { State: { Running: true, StartedAt: "1970-01-01T00:00:01Z" } });
  const stop = s.engine.on("POST /containers/a/stop");
  const reaping = reapInPassing(s.context, clock);
  (await listing).reply(200, [timedOut("a"), one("b", { owner: "dead" })]);
  // Never answered: closing the connections must be enough to exit.
  await stop;
  await s.transport[Symbol.asyncDispose]();
  await reaping;
});

test("ignores failures of reaping in passing", async () => {
  await using s = await scene();
  s.engine.on("GET /containers/json", 500, { message: "disk on fire" });
  await reapInPassing(s.context, clock);
  const listing = s.engine.on("GET /containers/json");
  const reaping = reapInPassing(s.context, clock);
  await listing;
  await s.engine.vanish();
  await reaping;
});
