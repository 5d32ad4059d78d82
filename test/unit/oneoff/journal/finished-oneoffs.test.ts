import { expect, test } from "vitest";
import { collectFinished } from "../../../../src/oneoff/journal/finished-oneoffs.ts";
import type { JournalEntry, LifeEvent } from "../../../../src/oneoff/journal/journal.ts";

const at = (second: number, container: string, happening: LifeEvent): JournalEntry => ({
  time: new Date(Date.UTC(2013, 2, 13, 15, 38, second)).toISOString(),
  app: "my-app",
  name: "run.7364",
  containerId: container,
  ...happening,
});
const starting = (second: number, container: string) => at(second, container, { event: "starting", command: "bash" });
const START = Date.UTC(2013, 2, 13, 15, 38, 0) / 1000;
const none: ReadonlySet<string> = new Set();

test("collects a one-off from its start to its exit", () => {
  const begun = { ...starting(1, "c"), processType: "console", detached: true, user: "alice@host" } as JournalEntry;
  const entries = [begun, at(2, "c", { event: "up" }), at(9, "c", { event: "exited", exitCode: 137, oomKilled: true })];
  expect(collectFinished(entries, none)).toEqual([
    {
      id: "c",
      name: "run.7364",
      app: "my-app",
      command: "bash",
      processType: "console",
      state: "killed",
      code: 137,
      oom: true,
      detached: true,
      by: "alice@host",
      started: START + 1,
      ended: START + 9,
    },
  ]);
});

test.each([
  [0, "complete"],
  [1, "crashed"],
  [143, "killed"],
  [undefined, "crashed"],
] as const)("gives exit code %s the state %s", (code, state) => {
  expect(collectFinished([starting(1, "c"), at(2, "c", { event: "exited", exitCode: code })], none)).toMatchObject([
    { state, code, ended: START + 2 },
  ]);
});

test("gives a one-off without an exit the state unknown", () => {
  expect(collectFinished([starting(1, "c"), at(2, "c", { event: "up" })], none)).toMatchObject([
    { state: "unknown", code: undefined, ended: undefined },
  ]);
});

test("leaves out one-offs whose containers exist", () => {
  const entries = [starting(1, "here"), starting(2, "removed"), at(3, "here", { event: "exited", exitCode: 0 })];
  expect(collectFinished(entries, new Set(["here"])).map(({ id }) => id)).toEqual(["removed"]);
});

test("uses the first of several exits", () => {
  const ends = [at(2, "c", { event: "exited", exitCode: 7 }), at(3, "c", { event: "exited", exitCode: 0 })];
  expect(collectFinished([starting(1, "c"), ...ends], none)).toMatchObject([{ code: 7, ended: START + 2 }]);
});

test("separates one-offs with the same name, in the order of their starts", () => {
  const entries = [starting(5, "second"), starting(1, "first"), at(6, "first", { event: "exited", exitCode: 0 })];
  expect(collectFinished(entries, none).map(({ id, state }) => [id, state])).toEqual([
    ["first", "complete"],
    ["second", "unknown"],
  ]);
});

test("ignores an exit whose start is not in the journal", () => {
  expect(collectFinished([at(2, "c", { event: "exited", exitCode: 0 })], none)).toEqual([]);
});

test("ignores a container that was replaced by another one", () => {
  const replaced = at(2, "c", { event: "exited", replaced: true });
  expect(collectFinished([starting(1, "c"), replaced, starting(3, "d")], none).map(({ id }) => id)).toEqual(["d"]);
});
