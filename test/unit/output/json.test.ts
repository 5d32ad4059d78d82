import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { EVENT_DOCS } from "../../../src/output/event-docs.ts";
import type { FieldDocs } from "../../../src/output/event-docs-types.ts";
import type { Event } from "../../../src/output/events.ts";
import { jsonReport } from "../../../src/output/json.ts";
import { undocumented } from "../../support/event-lines.ts";

/** The parsed lines for these events. @param at the time of each event in milliseconds. */
function written(events: readonly Event[], at: readonly number[] = []): Record<string, unknown>[] {
  let text = "";
  let now = 0;
  const output = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const report = jsonReport(() => output, { now: () => Date.UTC(2013, 2, 13) - now * 1000, monotonic: () => now });
  events.forEach((event, index) => {
    now = at[index] ?? 0;
    report(event);
  });
  expect(text).toMatch(/^([^\n]+\n)*$/);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

test("writes an event as one line, type and time first", () =>
  expect(written([{ type: "step-started", step: "release", command: "bin/migrate" }])).toEqual([
    { type: "step-started", time: "2013-03-13T00:00:00.000Z", step: "release", command: "bin/migrate" },
  ]));

test("writes null for a missing field", () => {
  const [event] = written([{ type: "process", app: "a", name: "web.1", state: "healthy" }]);
  expect(event).toEqual({
    ...{ type: "process", time: "2013-03-13T00:00:00.000Z", app: "a", name: "web.1", state: "healthy" },
    ...{ stopTimeout: null, reason: null, attempt: null, maxAttempts: null, check: null, seconds: null, summary: null },
  });
});

test("writes no undocumented event or field", () => {
  const event = { type: "warning", message: "m", password: "hunter2" } as unknown as Event;
  expect(written([event, { type: "running", app: "a", name: "run.1" }])).toEqual([
    { type: "warning", time: "2013-03-13T00:00:00.000Z", message: "m" },
  ]);
});

test("keeps line breaks and removes control sequences", () => {
  const [one, two] = written([
    { type: "phase-output", phase: "release", stream: "stdout", text: "\x1b[31mred\x1b[0m \x1b]0;t\x07\u202ex" },
    { type: "failed", code: "c", message: "a\n  \x1b[2Jb", next: undefined, exitCode: 1 },
  ]);
  expect(one).toMatchObject({ text: "red x" });
  expect(two).toMatchObject({ message: "a\n  b", next: null, exitCode: 1 });
});

test("rounds numbers to three decimals", () =>
  expect(written([{ type: "step-done", step: "build", seconds: 1.8510000705718994 }])).toMatchObject([
    { seconds: 1.851 },
  ]));

test("writes the documented fields of list elements", () =>
  expect(
    written([
      { type: "plan", app: "a", steps: [{ step: "build", command: undefined, skipReason: "why" }] },
      { type: "none-found", resource: "processes", app: "a", states: ["running"] },
    ]),
  ).toMatchObject([{ steps: [{ step: "build", command: null, skipReason: "why" }] }, { states: ["running"] }]));

test("writes progress once a second per transfer and once when it has finished", () => {
  const progress = (current: number, item: string, finished?: true): Event => {
    return { type: "progress", operation: "pull", item, current, total: 9, ...(finished && { finished }) };
  };
  const events = [
    progress(1, "a"),
    progress(2, "b"),
    progress(3, "a"),
    progress(4, "a"),
    progress(5, "a", true),
    progress(1, "a"),
  ];
  const lines = written(events, [0, 1, 999, 1000, 1001, 1002]);
  expect(lines.map(({ item, current, finished }) => [item, current, finished])).toEqual([
    ["a", 1, null],
    ["b", 2, null],
    ["a", 4, null],
    ["a", 5, true],
    ["a", 1, null],
  ]);
});

test("detects events that differ from their documentation", () => {
  const warning = { type: "warning", time: "2013-03-13T00:00:00.000Z", message: "m" };
  expect(undocumented(warning)).toEqual([]);
  expect(undocumented({ ...warning, message: 1 })).toEqual(["warning.message is no string: 1"]);
  expect(undocumented({ ...warning, more: 1 })).toEqual(["warning.more is not documented"]);
  expect(undocumented({ type: "warning", time: "now" })).toEqual([
    "warning.time is no time",
    "warning.message is missing",
  ]);
  expect(undocumented({ ...warning, type: "huh" })).toEqual(["huh is not documented"]);
});

test("documents every field with a known type", () => {
  const kinds = (fields: FieldDocs): string[] =>
    Object.values(fields).flatMap(([kind, , of]) => [kind, ...(of ? kinds(of) : [])]);
  const all = Object.values(EVENT_DOCS).flatMap(({ fields }) => kinds(fields));
  for (const kind of new Set(all)) expect(kind).toMatch(/^(string|number|boolean|list)( or null)?$/);
});
