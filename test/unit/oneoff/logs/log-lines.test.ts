import { expect, test } from "vitest";
import type { ContainerEvent } from "../../../../src/engine/events.ts";
import { mergeEntries, toEngineEntries, toEventEntries } from "../../../../src/oneoff/journal/engine-entries.ts";
import type { JournalEntry, LifeEvent } from "../../../../src/oneoff/journal/journal.ts";
import { Lifecycles } from "../../../../src/oneoff/logs/log-lines.ts";
import { toOneoff } from "../../../../src/oneoff/lookup/oneoff.ts";
import { details, oneoffOf } from "../../../support/deployed.ts";

const at = (second: number, happening: LifeEvent, container = "c"): JournalEntry => ({
  time: `2013-03-13T15:38:${String(second).padStart(2, "0")}.000Z`,
  app: "my-app",
  name: "run.7364",
  containerId: container,
  ...happening,
});
const starting = at(1, { event: "starting", command: "bash" });
const up = at(2, { event: "up" });
const exited = (code?: number) => at(9, { event: "exited", exitCode: code });

const steps = (...entries: JournalEntry[]) => {
  const lifecycles = new Lifecycles();
  return entries.flatMap((entry) => lifecycles.lines(entry)).map(({ step }) => step);
};
const began = { event: "starting", command: "bash", user: undefined };
const isUp = { event: "state-changed", from: "starting", to: "up" };
const ended = (code: number, to: string, from = "up") => [
  { event: "exited", exitCode: code, oomKilled: false },
  { event: "state-changed", from, to },
];

test("returns the lines of a whole life", () => {
  expect(steps(starting, up, at(3, { event: "stopping", signal: "SIGTERM" }), exited(0))).toEqual([
    began,
    isUp,
    { event: "stopping", signal: "SIGTERM" },
    ...ended(0, "complete"),
  ]);
});

test.each([
  [1, "crashed"],
  [137, "killed"],
  [255, "crashed"],
])("turns exit code %i into the state %s", (code, state) => {
  expect(steps(starting, up, exited(code)).slice(2)).toEqual(ended(code, state));
});

test("returns an exit code for a one-off that could not start if it has one", () => {
  expect(steps(starting, exited(127))).toEqual([began, ...ended(127, "crashed", "starting")]);
  expect(steps(starting, exited())).toEqual([began, { event: "state-changed", from: "starting", to: "crashed" }]);
});

test("ignores duplicate entries and entries after the exit", () => {
  expect(
    steps(starting, starting, up, up, exited(0), exited(1), up, at(10, { event: "stopping", signal: "X" })),
  ).toEqual([began, isUp, ...ended(0, "complete")]);
});

test("returns the exit of a one-off whose start is unknown", () => {
  expect(steps(exited(0))).toEqual(ended(0, "complete"));
});

test("separates containers with the same name", () => {
  expect(steps(starting, { ...starting, containerId: "d" })).toEqual([began, began]);
});

test("knows which one-offs have exited", () => {
  const lifecycles = new Lifecycles();
  expect(lifecycles.isOver("c")).toBe(false);
  lifecycles.lines(starting);
  expect(lifecycles.isOver("c")).toBe(false);
  lifecycles.lines(exited(0));
  expect(lifecycles.isOver("c")).toBe(true);
});

test("adds the engine's entries to the journal's in the order of a life, whatever the clocks", () => {
  const engine = [at(5, { event: "starting", command: "other" }), at(1, { event: "exited", exitCode: 3 })];
  expect(mergeEntries([up, starting], engine)).toEqual([starting, up, engine[1]]);
});

test("returns the engine's entries of an exited, a running and a created one-off", () => {
  const oneoff = toOneoff(oneoffOf("my-app"));
  const place = { app: "my-app", name: "run.7364", containerId: "id-of-my-app.run.7364" };
  const State = { Running: false, StartedAt: "2013-03-13T15:38:08.5Z", FinishedAt: "2013-03-13T15:38:09.123456789Z" };
  const never = "0001-01-01T00:00:00Z";
  const first = {
    ...place,
    time: "2013-03-13T15:38:08.000Z",
    event: "starting",
    command: "sleep 1000",
    detached: false,
  };
  const second = { ...place, time: "2013-03-13T15:38:08.500Z", event: "up" };
  const known = (state: object) => toEngineEntries(oneoff, details({}, {}, { State: { ...State, ...state } }));
  expect(known({ ExitCode: 137, OOMKilled: true })).toEqual([
    first,
    second,
    { ...place, time: "2013-03-13T15:38:09.123Z", event: "exited", exitCode: 137, oomKilled: true },
  ]);
  // A one-off that was started again still has its previous exit.
  expect(known({ Running: true })).toEqual([first, second]);
  expect(known({ StartedAt: never, FinishedAt: never })).toEqual([first]);
});

test("returns entries for the engine's events", () => {
  const event = (Action: string, more: Record<string, string> = {}): ContainerEvent => ({
    Action,
    Actor: {
      ID: "c",
      Attributes: { "dev.oneoff.app": "my-app", "dev.oneoff.name": "run.7364", "dev.oneoff.command": "bash", ...more },
    },
    timeNano: Date.UTC(2013, 2, 13, 15, 38, 2) * 1e6,
  });
  expect(toEventEntries(event("start", { "dev.oneoff.retain": "60" }))).toEqual([
    { ...at(2, { event: "starting", command: "bash" }), detached: true },
    up,
  ]);
  expect(toEventEntries(event("die", { exitCode: "7" }))).toEqual([at(2, { event: "exited", exitCode: 7 })]);
  expect(toEventEntries(event("destroy"))).toEqual([]);
});
