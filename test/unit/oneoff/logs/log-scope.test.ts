import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import type { JournalEntry } from "../../../../src/oneoff/journal/journal.ts";
import { findLogScope } from "../../../../src/oneoff/logs/log-scope.ts";
import { lists, oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { fakeJournal } from "../../../support/fake-journal.ts";

const ID = "0123456789abcdef".repeat(4);

const entry = (app: string, number: number, container: string, second = 8): JournalEntry => ({
  time: `2013-03-13T15:38:0${second}.000Z`,
  app,
  name: `run.${number}`,
  containerId: container,
  event: "up",
});

/** The engine has two one-offs, the journal three more. */
async function scope(word: string | undefined, app?: string) {
  const engine = await fakeEngine();
  lists(engine, 1, [oneoffOf("my-app", 1111), { ...oneoffOf("my-app", 2222, "backup"), Id: ID }]);
  const journal = fakeJournal([
    entry("my-app", 1111, "long-ago", 1),
    entry("my-app", 3333, "removed", 2),
    entry("shop/web", 3333, "web-removed", 3),
    entry("my-app", 4444, "f".repeat(64), 4),
    { ...entry("shop/web", 5555, "first", 5), event: "starting", command: "ls", containerName: "nightly" },
    { ...entry("my-app", 6666, "second", 6), event: "starting", command: "ls", containerName: "nightly" },
    { ...entry("my-app", 6666, "second", 6), event: "exited", exitCode: 0 },
  ]);
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  return await findLogScope({ engine: transport, journal }, word, app);
}

describe("a one-off", () => {
  test.each([
    ["its name", "run.2222", undefined, ID],
    ["its number", "2222", undefined, ID],
    ["its container's name", "my-app.run.1111", undefined, "id-of-my-app.run.1111"],
    ["a name set by the user", "backup", undefined, ID],
    ["the beginning of its id", ID.slice(0, 12), undefined, ID],
    ["a name that only the journal has", "run.4444", undefined, "f".repeat(64)],
    ["an id that only the journal has", "f".repeat(12), undefined, "f".repeat(64)],
    ["the name of a removed container", "shop-web.run.3333", undefined, "web-removed"],
    ["the latest of a name set by the user", "nightly", undefined, "second"],
    ["a name set by the user and its app", "nightly", "shop/web", "first"],
    ["its name and its app", "run.3333", "shop/web", "web-removed"],
    ["the latest of a repeated name", "run.1111", "my-app", "id-of-my-app.run.1111"],
  ])("finds a one-off by %s", async (_, word, app, id) => {
    expect((await scope(word, app)).scope?.oneoff?.id).toBe(id);
  });
});

test("returns the engine's one-offs too", async () => {
  const { scope: selected } = await scope("run.2222");
  expect(selected).toMatchObject({ app: "my-app", oneoff: { name: "run.2222" }, oneoffs: [{ id: ID }] });
  expect((await scope("run.4444")).scope).toMatchObject({ app: "my-app", oneoffs: [] });
});

test.each([
  ["my-app", undefined, 2],
  [undefined, "my-app", 2],
  ["compose:shop/web", undefined, 0],
] as const)("finds an app by %s or --app %s", async (word, app, count) => {
  const { scope: selected } = await scope(word, app);
  expect([selected?.oneoff, selected?.oneoffs.length]).toEqual([undefined, count]);
});

test("refuses a name that one-offs of several apps have and lists their names", async () => {
  const error = (await scope("run.3333").catch((thrown) => thrown)) as OneoffError;
  expect(error.message).toBe('Several one-offs have the name "run.3333": my-app.run.3333, shop-web.run.3333');
});

test.each([
  ["run.9999", undefined],
  ["run.2222", "shop/web"],
  ["my-ap", undefined],
  [undefined, "my-ap"],
  ["my-app", "my-app"],
  ["abc", undefined],
])("finds nothing by %s of %s", async (word, app) => {
  expect((await scope(word, app)).scope).toBeUndefined();
});

test("returns the known apps", async () => {
  expect((await scope("my-ap")).apps).toEqual(["my-app"]);
});
