import { describe, expect, test } from "vitest";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { hasPassed, selectOverdue } from "../../../../src/oneoff/reaping/overdue.ts";
import { listed, ofDokku, ofOneoff } from "../../../support/deployed.ts";

const NOW = 1_000_000;
const HOUR = 3600;
const clock = {
  now: NOW,
  isAlive: (owner: string) => ({ "here:alive": true, "here:dead": false })[owner],
};

const up = { State: "running", Status: "Up 2 minutes", Created: NOW - 10 };
const ended = { State: "exited", Status: "Exited (0) 2 minutes ago", Created: NOW - 100 };
const created = { State: "created", Status: "Created", Created: NOW - 10 };

type Labels = Record<string, string>;

const ours = (kind: string, labels: Labels, fields: Partial<ContainerSummary>, name = "my-app.run.7364") =>
  listed(
    name,
    {
      "dev.oneoff.kind": kind,
      "dev.oneoff.app": "my-app",
      "dev.oneoff.name": "run.7364",
      ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`dev.oneoff.${key}`, value])),
    },
    fields,
  );
const run = (labels: Labels, fields: Partial<ContainerSummary>, name?: string) => ours("run", labels, fields, name);

/** The action for each container, and the reason. */
const judged = (explicit: boolean, ...containers: ContainerSummary[]) =>
  selectOverdue(containers, clock, explicit).map(({ container, action, reason }) => [container.id, action, reason]);
/** The same for one container, in passing and explicitly. */
const both = (container: ContainerSummary, ...others: ContainerSummary[]) =>
  [false, true].map((explicit) =>
    judged(explicit, container, ...others).map(([, ...judgement]) => judgement.join(" ")),
  );

const NOTHING = [[], []];
const DEADLINE = [["stop deadline"], ["stop deadline"]];
const EXPIRED = [["remove expired"], ["remove expired"]];
const ORPHANED = [["remove orphaned"], ["remove orphaned"]];
const NEVER = [["remove never-started"], ["remove never-started"]];
const STALE = [["remove stale-lock"], ["remove stale-lock"]];

describe("a one-off past its timeout", () => {
  const past = { timeout: "10" };
  test.each<[what: string, container: ContainerSummary, expected: string[][]]>([
    ["runs detached", run({ ...past, retain: "60" }, up), DEADLINE],
    ["runs detached and is followed", run({ ...past, retain: "60", owner: "here:alive" }, up), DEADLINE],
    ["is paused", run({ ...past, retain: "60" }, { ...up, State: "paused" }), DEADLINE],
    ["runs without its owner", run({ ...past, owner: "here:dead" }, up), DEADLINE],
    ["was left running", run({ ...past, owner: "here:dead" }, up, "my-app.run.7364.left"), DEADLINE],
    ["runs for an owner on another machine", run({ ...past, owner: "elsewhere" }, up), DEADLINE],
    ["has on-disconnect keep", run({ ...past, "on-disconnect": "keep" }, up), DEADLINE],
    ["is supervised by its owner", run({ ...past, owner: "here:alive" }, up), NOTHING],
    ["has ended", run({ ...past, retain: "1000" }, ended), NOTHING],
  ])("decides about a one-off past its timeout that %s", (_what, container, expected) =>
    expect(both(container)).toEqual(expected),
  );

  test("leaves a one-off alone one second before its timeout", () => {
    expect(both(run({ timeout: "11", retain: "60" }, up))).toEqual(NOTHING);
  });
});

describe("an exited one-off", () => {
  test.each<[what: string, container: ContainerSummary, expected: string[][]]>([
    ["past its retention", run({ retain: "100" }, ended), EXPIRED],
    ["within its retention", run({ retain: "101" }, ended), NOTHING],
    ["without retention", run({ retain: "0" }, ended), EXPIRED],
    ["with a dead owner", run({ owner: "here:dead" }, ended), ORPHANED],
    ["with a dead owner, left running before", run({ owner: "here:dead" }, ended, "my-app.run.7364.left"), ORPHANED],
    ["with a live owner, which may fetch files", run({ owner: "here:alive" }, ended), NOTHING],
    ["with an owner on another machine", run({ owner: "elsewhere" }, ended), NOTHING],
    ["that the engine could not remove", run({ retain: "1" }, { ...ended, State: "dead", Status: "Dead" }), EXPIRED],
  ])("decides about an exited one-off: %s", (_what, container, expected) => expect(both(container)).toEqual(expected));
});

describe("a one-off that never started", () => {
  const long = { ...created, Created: NOW - HOUR - 1 };
  test.each<[what: string, container: ContainerSummary, expected: string[][]]>([
    ["with a dead owner", run({ owner: "here:dead" }, created), NEVER],
    ["with a live owner", run({ owner: "here:alive" }, long), NOTHING],
    ["new, with an unknown owner", run({}, created), NOTHING],
    ["old, with an unknown owner", run({}, long), NEVER],
    ["old, possibly waiting for a lock", run({ lock: "migrate" }, long), NOTHING],
    ["an old reader of a Procfile", ours("procfile", {}, long), NEVER],
    ["a new reader of a Procfile", ours("procfile", {}, created), NOTHING],
  ])("decides about a one-off that never started: %s", (_what, container, expected) =>
    expect(both(container)).toEqual(expected),
  );
});

describe("an attached one-off whose owner is dead", () => {
  test.each<[what: string, container: ContainerSummary, explicit: string[]]>([
    ["is stopped", run({ owner: "here:dead" }, up), ["stop orphaned"]],
    ["is stopped with on-disconnect stop", run({ owner: "here:dead", "on-disconnect": "stop" }, up), ["stop orphaned"]],
    ["receives SIGHUP", run({ owner: "here:dead", "on-disconnect": "hup" }, up), ["hangup orphaned"]],
    ["continues with on-disconnect keep", run({ owner: "here:dead", "on-disconnect": "keep" }, up), []],
    ["was left running", run({ owner: "here:dead" }, up, "my-app.run.7364.left"), []],
    ["is detached", run({ owner: "here:dead", retain: "60" }, up), []],
    ["has an owner", run({ owner: "here:alive" }, up), []],
    ["has an unknown owner", run({ owner: "elsewhere" }, up), []],
    ["has no owner", run({}, up), []],
  ])("decides about an orphan only when requested: %s", (_what, container, explicit) => {
    expect(both(container)).toEqual([[], explicit]);
  });
});

describe("a lock", () => {
  const lock = ours("lock", { lock: "migrate", "lock-holder": "id-of-holder", owner: "here:dead" }, created, "lock");
  const wants = { lock: "migrate" };
  test.each<[what: string, others: ContainerSummary[], expected: string[][]]>([
    ["whose holder was removed", [], STALE],
    ["whose holder has exited", [run({ retain: "1000", ...wants }, ended, "holder")], STALE],
    ["whose holder runs", [run({ retain: "1000", ...wants }, up, "holder")], NOTHING],
    ["whose holder is just starting", [run({ owner: "here:alive", ...wants }, created, "holder")], NOTHING],
    ["whose holder did not request it", [run({ retain: "1000" }, up, "holder")], STALE],
    ["whose holder is not a one-off", [listed("holder", {}, up)], STALE],
    ["whose holder is a copy", [{ ...run(wants, up, "holder"), Names: ["/copy"] }], STALE],
  ])("decides about a lock %s", (_what, others, expected) => expect(both(lock, ...others)).toEqual(expected));

  test("removes a lock with a holder that will never start", () => {
    const holder = run({ owner: "here:dead", ...wants }, created, "holder");
    expect(judged(false, lock, holder)).toEqual([
      ["id-of-lock", "remove", "stale-lock"],
      ["id-of-holder", "remove", "never-started"],
    ]);
  });

  test("names a lock by its key", () => {
    expect(selectOverdue([lock], clock, false)).toMatchObject([{ lock: "migrate", container: { name: "run.7364" } }]);
  });
});

test("touches one-offs only, whatever the labels", () => {
  const labels = { deadline: "1", retain: "1", owner: "here:dead" };
  const foreign = [
    ofDokku("my-app", "web", 1, ended),
    ofOneoff("my-app", "web", 1, ended),
    listed("x", { "dev.oneoff.app": "my-app", "dev.oneoff.timeout": "1" }, up),
  ];
  const processes = [up, ended, created].map((fields) => ours("process", labels, fields));
  expect(judged(true, ...foreign, ...processes)).toEqual([]);
});

test.each([
  ["1970-01-12T13:45:40.123456789Z", false],
  ["1970-01-12T13:45:40Z", true],
  ["0001-01-01T00:00:00Z", true],
  ["", false],
])("decides whether %s is a minute ago: %s", (finishedAt, enough) => {
  expect(hasPassed(finishedAt, 60, clock)).toBe(enough);
});
