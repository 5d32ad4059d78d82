import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import type { JournalEntry, LifeEvent } from "../../../../src/oneoff/journal/journal.ts";
import { LISTED_STATES, type ListQuery } from "../../../../src/oneoff/lookup/listed.ts";
import { readListing } from "../../../../src/oneoff/lookup/listing.ts";
import { filtersOf, lists, ofDokku, oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const LIVE = ["created", "running", "paused", "restarting"];

/** The listing of containers, and the requests for it. */
async function listing(query: Partial<ListQuery>, requests: number, ...containers: ContainerSummary[]) {
  return await listingWith([], query, requests, ...containers);
}

async function listingWith(
  entries: JournalEntry[],
  query: Partial<ListQuery>,
  requests: number,
  ...containers: ContainerSummary[]
) {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  lists(engine, requests, containers);
  const whole = {
    app: undefined,
    processApp: query.app,
    type: undefined,
    states: ["starting", "up"] as const,
    ...query,
  };
  const { oneoffs, processes } = await readListing(
    transport,
    { read: (app) => entries.filter((entry) => app === undefined || entry.app === app) },
    whole,
  );
  return {
    oneoffs: oneoffs.map(({ app, name }) => `${app} ${name}`),
    processes: processes.map(({ name }) => name),
    requests: engine.requests.map(filtersOf),
  };
}

const ended = { State: "exited", Status: "Exited (1) 2 minutes ago" };

test("lists one-offs of all apps by number with one request", async () => {
  const containers = [
    oneoffOf("my-app", 10),
    oneoffOf("blog", 99_999),
    oneoffOf("my-app", 2),
    ofDokku("my-app", "web"),
  ];
  expect(await listing({}, 1, ...containers)).toEqual({
    oneoffs: ["blog run.99999", "my-app run.2", "my-app run.10"],
    processes: [],
    requests: [{ label: ["dev.oneoff.kind=run"], status: LIVE }],
  });
});

test("lists all processes of an app by type and number", async () => {
  const worker = [ofDokku("my-app", "worker", 10), ofDokku("my-app", "worker", 9)];
  const containers = [...worker, ofDokku("my-app", "web"), oneoffOf("my-app", 1111), oneoffOf("blog", 2222)];
  expect(await listing({ app: "my-app" }, 2, ...containers)).toMatchObject({
    oneoffs: ["my-app run.1111"],
    processes: ["web.1", "worker.9", "worker.10"],
  });
});

test("queries one-offs and processes only as requested", async () => {
  const containers = [ofDokku("my-app", "web"), oneoffOf("my-app", 1111)];
  expect(await listing({ app: "my-app", type: "run" }, 1, ...containers)).toMatchObject({
    oneoffs: ["my-app run.1111"],
    processes: [],
  });
  expect(await listing({ app: "my-app", type: "web" }, 1, ...containers)).toMatchObject({
    oneoffs: [],
    processes: ["web.1"],
  });
});

test("lists exited one-offs, and queries them, only when their state is requested", async () => {
  const containers = [
    oneoffOf("my-app", 1111),
    { ...oneoffOf("my-app", 2222), ...ended },
    ofDokku("my-app", "web", 1, ended),
  ];
  const query = { app: "my-app" };
  expect(await listing(query, 2, ...containers)).toMatchObject({ oneoffs: ["my-app run.1111"], processes: [] });
  expect(await listing({ ...query, states: ["crashed"] }, 2, ...containers)).toMatchObject({
    oneoffs: ["my-app run.2222"],
    processes: ["web.1"],
    requests: expect.arrayContaining([
      { label: ["dev.oneoff.kind=run", "dev.oneoff.app=my-app"], status: [...LIVE, "exited", "dead"] },
    ]),
  });
  expect(await listing({ ...query, states: LISTED_STATES }, 2, ...containers)).toMatchObject({
    oneoffs: ["my-app run.1111", "my-app run.2222"],
  });
});

test("refuses an unknown process type and lists the known ones, exited ones included", async () => {
  const containers = [ofDokku("my-app", "worker", 1, ended), ofDokku("my-app", "web"), oneoffOf("my-app", 1111)];
  await expect(listing({ app: "my-app", type: "clock" }, 1, ...containers)).rejects.toMatchObject({
    code: "unknown-type",
    kind: "usage",
    message: 'my-app has no process type "clock"; expected "run", "web" or "worker"',
  });
  expect(await listing({ app: "my-app", type: "worker" }, 1, ...containers)).toMatchObject({ processes: [] });
});

test("accepts no process type without an app", async () => {
  await expect(listing({ type: "web" }, 0)).rejects.toMatchObject({
    code: "unknown-type",
    message: '--type "web" requires an app',
    next: "oneoff ps APP web",
  });
});

describe("one-offs whose containers were removed", () => {
  const entry = (number: number, happening: LifeEvent, second: number, app = "my-app"): JournalEntry => ({
    time: `2013-03-13T15:38:0${second}.000Z`,
    app,
    name: `run.${number}`,
    containerId: `id-of-${app}.run.${number}`,
    ...happening,
  });
  const entries = [
    entry(1111, { event: "starting", command: "rake a" }, 1),
    entry(2222, { event: "starting", command: "rake b" }, 1),
    entry(1111, { event: "exited", exitCode: 137 }, 8),
    entry(3333, { event: "starting", command: "rake c" }, 2),
    entry(4444, { event: "starting", command: "rake d" }, 3, "blog"),
    entry(4444, { event: "exited", exitCode: 0 }, 4, "blog"),
  ];

  test("lists removed one-offs when exited ones are requested", async () => {
    const query = { app: "my-app", type: "run" };
    expect(await listingWith(entries, query, 1, oneoffOf("my-app", 2222))).toMatchObject({
      oneoffs: ["my-app run.2222"],
    });
    expect(await listingWith(entries, { ...query, states: LISTED_STATES }, 1, oneoffOf("my-app", 2222))).toMatchObject({
      oneoffs: ["my-app run.1111", "my-app run.2222", "my-app run.3333"],
    });
    expect(await listingWith(entries, { states: ["complete", "unknown"] }, 1)).toMatchObject({
      oneoffs: ["blog run.4444", "my-app run.2222", "my-app run.3333"],
    });
  });

  test("lists exit code and exit time of removed one-offs", async () => {
    await using engine = await fakeEngine();
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    lists(engine, 1, []);
    const query = { app: undefined, processApp: undefined, type: undefined, states: ["killed"] as const };
    const { oneoffs } = await readListing(transport, { read: () => entries }, query);
    const start = Date.UTC(2013, 2, 13, 15, 38, 1) / 1000;
    expect(oneoffs).toMatchObject([
      {
        id: "id-of-my-app.run.1111",
        containerName: undefined,
        command: "rake a",
        code: 137,
        created: start,
        ended: start + 7,
      },
    ]);
  });
});
