import { describe, expect, test } from "vitest";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { namedProcesses } from "../../../../src/oneoff/apps/find-process.ts";
import type { JournalEntry } from "../../../../src/oneoff/journal/journal.ts";
import { findLogScope } from "../../../../src/oneoff/logs/log-scope.ts";
import { selectProcesses } from "../../../../src/oneoff/logs/process-filter.ts";
import { oneoffsAmong } from "../../../../src/oneoff/lookup/find-oneoff.ts";
import { listed, ofCompose, ofOneoff, oneoffOf } from "../../../support/deployed.ts";
import { fakeJournal } from "../../../support/fake-journal.ts";

const ID = "0123456789abcdef".repeat(4);

const entry = (app: string, number: number, container: string, second = 8): JournalEntry => ({
  time: `2013-03-13T15:38:0${second}.000Z`,
  app,
  name: `run.${number}`,
  containerId: container,
  event: "up",
});

const CONTAINERS = [oneoffOf("my-app", 1111), { ...oneoffOf("my-app", 2222, "backup"), Id: ID }];

/** The engine has two one-offs, the journal three more. */
function scope(word: string | undefined, app?: string, containers: readonly ContainerSummary[] = CONTAINERS) {
  const journal = fakeJournal([
    entry("my-app", 1111, "long-ago", 1),
    entry("my-app", 3333, "removed", 2),
    entry("shop/web", 3333, "web-removed", 3),
    entry("my-app", 4444, "f".repeat(64), 4),
    { ...entry("shop/web", 5555, "first", 5), event: "starting", command: "ls", containerName: "nightly" },
    { ...entry("my-app", 6666, "second", 6), event: "starting", command: "ls", containerName: "nightly" },
    { ...entry("my-app", 6666, "second", 6), event: "exited", exitCode: 0 },
  ]);
  return findLogScope(
    { word, app },
    {
      journal,
      containers,
      oneoffs: oneoffsAmong(containers),
      processAppOf: (name) => name,
      isDescribed: () => false,
    },
  );
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
  ])("finds a one-off by %s", (_, word, app, id) => {
    expect(scope(word, app).scope?.oneoff?.id).toBe(id);
  });
});

test("returns the engine's one-offs too", () => {
  const { scope: selected } = scope("run.2222");
  expect(selected).toMatchObject({ app: "my-app", oneoff: { name: "run.2222" }, oneoffs: [{ id: ID }] });
  expect(scope("run.4444").scope).toMatchObject({ app: "my-app", oneoffs: [] });
});

test.each([
  ["my-app", undefined, 2],
  [undefined, "my-app", 2],
  ["compose:shop/web", undefined, 0],
] as const)("finds an app by %s or --app %s", (word, app, count) => {
  const { scope: selected } = scope(word, app);
  expect([selected?.oneoff, selected?.oneoffs.length]).toEqual([undefined, count]);
});

test("refuses a name that one-offs of several apps have and lists their names", () => {
  expect(() => scope("run.3333")).toThrow(
    'Several one-offs have the name "run.3333": my-app.run.3333, shop-web.run.3333',
  );
});

test.each([
  ["run.9999", undefined],
  ["my-ap", undefined],
  [undefined, "my-ap"],
  ["abc", undefined],
])("finds nothing by %s of %s", (word, app) => {
  expect(scope(word, app).scope).toBeUndefined();
});

test("returns the known apps", () => {
  expect(scope("my-ap").apps).toEqual(["my-app"]);
});

/** Two apps with processes, and one with a container alone. */
const DEPLOYED = [
  ...[ofOneoff("shop", "web", 1), ofOneoff("shop", "web", 2), ofOneoff("shop", "worker", 1)],
  ...[ofCompose("blog", "db"), ofCompose("news", "db"), listed("plain")],
  oneoffOf("shop", 1234),
];

const names = ({ scope: selected }: ReturnType<typeof scope>) =>
  selected && [selected.app, ...[...selected.processes, ...selected.oneoffs].map(({ containerName }) => containerName)];

test.each([
  ["shop", undefined, ["shop", "shop.web.1", "shop.web.2", "shop.worker.1", "shop.run.1234"]],
  ["oneoff:shop", undefined, ["shop", "shop.web.1", "shop.web.2", "shop.worker.1", "shop.run.1234"]],
  ["shop.web", undefined, ["shop", "shop.web.1", "shop.web.2"]],
  ["web", "shop", ["shop", "shop.web.1", "shop.web.2"]],
  ["shop.web.2", undefined, ["shop", "shop.web.2"]],
  ["web.2", undefined, ["shop", "shop.web.2"]],
  ["web.2", "shop", ["shop", "shop.web.2"]],
  ["run", "shop", ["shop", "shop.run.1234"]],
  ["shop.run", undefined, ["shop", "shop.run.1234"]],
  ["blog/db", undefined, ["blog/db", "blog-db-1"]],
  ["compose:blog/db", undefined, ["blog/db", "blog-db-1"]],
  ["blog-db-1", undefined, ["blog/db", "blog-db-1"]],
  ["plain", undefined, ["plain", "plain"]],
  ["plain.1", undefined, ["plain", "plain"]],
  ["shop.cron", undefined, undefined],
])("finds the processes for %j of %j", (word, app, expected) => {
  expect(names(scope(word, app, DEPLOYED))).toEqual(expected);
});

test.each([
  ["db", undefined, 'Several apps have the name "db": compose:blog/db, compose:news/db'],
  ["cron", "shop", 'shop has no process "cron"; expected "run", "web" or "worker"'],
  ["run.2222", "shop", 'No such one-off "run.2222" of shop'],
])("refuses %j of %j", (word, app, message) => {
  expect(() => scope(word, app, DEPLOYED)).toThrow(message);
});

test("selects processes that start later by app and type, whatever their container is called", () => {
  const { scope: selected } = scope("web", "shop", DEPLOYED);
  const later = namedProcesses([
    { ...ofOneoff("shop", "web", 3), Names: ["/shop.web.3.new"] },
    ofOneoff("shop", "worker", 2),
    ofOneoff("blog", "web"),
  ]);
  const processes = selected?.filter && selectProcesses(selected.filter, later);
  expect(processes?.map(({ name }) => name)).toEqual(["web.3"]);
});
