import { describe, expect, test } from "vitest";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { hasPassed, overdue } from "../../../../src/oneoff/reaping/reaping.ts";
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

const ours = (kind: string, labels: Labels, given: Partial<ContainerSummary>, name = "my-app.run.7364") =>
  listed(
    name,
    {
      "dev.oneoff.kind": kind,
      "dev.oneoff.app": "my-app",
      "dev.oneoff.name": "run.7364",
      ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`dev.oneoff.${key}`, value])),
    },
    given,
  );
const run = (labels: Labels, given: Partial<ContainerSummary>, name?: string) => ours("run", labels, given, name);

/** What is done with each, and why. */
const judged = (explicit: boolean, ...containers: ContainerSummary[]) =>
  overdue(containers, clock, explicit).map(({ container, action, reason }) => [container.id, action, reason]);
/** The same for one of them, in passing and when it was asked for. */
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

describe("what is past its deadline", () => {
  const past = { timeout: "10" };
  test.each<[what: string, container: ContainerSummary, expected: string[][]]>([
    ["runs detached", run({ ...past, retain: "60" }, up), DEADLINE],
    ["runs detached, and somebody follows it", run({ ...past, retain: "60", owner: "here:alive" }, up), DEADLINE],
    ["is paused", run({ ...past, retain: "60" }, { ...up, State: "paused" }), DEADLINE],
    ["runs without its owner", run({ ...past, owner: "here:dead" }, up), DEADLINE],
    ["was left on purpose", run({ ...past, owner: "here:dead" }, up, "my-app.run.7364.left"), DEADLINE],
    ["runs for somebody elsewhere", run({ ...past, owner: "elsewhere" }, up), DEADLINE],
    ["is to go on whatever happens to its owner", run({ ...past, "on-disconnect": "keep" }, up), DEADLINE],
    ["is attended to by who stops it himself", run({ ...past, owner: "here:alive" }, up), NOTHING],
    ["has ended", run({ ...past, retain: "1000" }, ended), NOTHING],
  ])("and %s", (_what, container, expected) => expect(both(container)).toEqual(expected));

  test("is not what has a second left", () => {
    expect(both(run({ timeout: "11", retain: "60" }, up))).toEqual(NOTHING);
  });
});

describe("what has ended", () => {
  test.each<[what: string, container: ContainerSummary, expected: string[][]]>([
    ["longer ago than it is kept, as it seems", run({ retain: "100" }, ended), EXPIRED],
    ["not that long ago", run({ retain: "101" }, ended), NOTHING],
    ["and is not to be kept at all", run({ retain: "0" }, ended), EXPIRED],
    ["and nobody fetches anything from it any more", run({ owner: "here:dead" }, ended), ORPHANED],
    ["after it was left on purpose", run({ owner: "here:dead" }, ended, "my-app.run.7364.left"), ORPHANED],
    ["and somebody may be fetching something from it", run({ owner: "here:alive" }, ended), NOTHING],
    ["elsewhere", run({ owner: "elsewhere" }, ended), NOTHING],
    ["in the engine's hands", run({ retain: "1" }, { ...ended, State: "dead", Status: "Dead" }), EXPIRED],
  ])("%s", (_what, container, expected) => expect(both(container)).toEqual(expected));
});

describe("what was never started", () => {
  const long = { ...created, Created: NOW - HOUR - 1 };
  test.each<[what: string, container: ContainerSummary, expected: string[][]]>([
    ["and whose owner has gone", run({ owner: "here:dead" }, created), NEVER],
    ["and whose owner lives", run({ owner: "here:alive" }, long), NOTHING],
    ["by nobody knows whom, just now", run({}, created), NOTHING],
    ["by nobody knows whom, for long", run({}, long), NEVER],
    ["for long, but may be waiting for a lock", run({ lock: "migrate" }, long), NOTHING],
    ["and was for a look into an image", ours("procfile", {}, long), NEVER],
    ["and is for a look into an image", ours("procfile", {}, created), NOTHING],
  ])("%s", (_what, container, expected) => expect(both(container)).toEqual(expected));
});

describe("what runs attached though its owner has gone", () => {
  test.each<[what: string, container: ContainerSummary, explicit: string[]]>([
    ["is stopped", run({ owner: "here:dead" }, up), ["stop orphaned"]],
    ["is stopped as it was to be", run({ owner: "here:dead", "on-disconnect": "stop" }, up), ["stop orphaned"]],
    ["is told", run({ owner: "here:dead", "on-disconnect": "hup" }, up), ["hangup orphaned"]],
    ["goes on", run({ owner: "here:dead", "on-disconnect": "keep" }, up), []],
    ["was left on purpose", run({ owner: "here:dead" }, up, "my-app.run.7364.left"), []],
    ["is detached", run({ owner: "here:dead", retain: "60" }, up), []],
    ["has an owner", run({ owner: "here:alive" }, up), []],
    ["has one of whom nothing is known", run({ owner: "elsewhere" }, up), []],
    ["has none", run({}, up), []],
  ])("%s, when somebody asks for it only", (_what, container, explicit) => {
    expect(both(container)).toEqual([[], explicit]);
  });
});

describe("a lock", () => {
  const lock = ours("lock", { lock: "migrate", "lock-holder": "id-of-holder", owner: "here:dead" }, created, "lock");
  const wants = { lock: "migrate" };
  test.each<[what: string, others: ContainerSummary[], expected: string[][]]>([
    ["whose holder has gone", [], STALE],
    ["whose holder has ended", [run({ retain: "1000", ...wants }, ended, "holder")], STALE],
    ["whose holder runs", [run({ retain: "1000", ...wants }, up, "holder")], NOTHING],
    ["whose holder is just starting", [run({ owner: "here:alive", ...wants }, created, "holder")], NOTHING],
    ["whose holder has never wanted it", [run({ retain: "1000" }, up, "holder")], STALE],
    ["whose holder is somebody's container", [listed("holder", {}, up)], STALE],
    ["whose holder is a copy", [{ ...run(wants, up, "holder"), Names: ["/copy"] }], STALE],
  ])("%s", (_what, others, expected) => expect(both(lock, ...others)).toEqual(expected));

  test("whose holder will never be started goes together with it", () => {
    const holder = run({ owner: "here:dead", ...wants }, created, "holder");
    expect(judged(false, lock, holder)).toEqual([
      ["id-of-lock", "remove", "stale-lock"],
      ["id-of-holder", "remove", "never-started"],
    ]);
  });

  test("is called by its key", () => {
    expect(overdue([lock], clock, false)).toMatchObject([{ lock: "migrate", container: { name: "run.7364" } }]);
  });
});

test("nothing but one-offs is touched, whatever its labels say", () => {
  const labels = { deadline: "1", retain: "1", owner: "here:dead" };
  const foreign = [
    ofDokku("my-app", "web", 1, ended),
    ofOneoff("my-app", "web", 1, ended),
    listed("x", { "dev.oneoff.app": "my-app", "dev.oneoff.timeout": "1" }, up),
  ];
  const processes = [up, ended, created].map((given) => ours("process", labels, given));
  expect(judged(true, ...foreign, ...processes)).toEqual([]);
});

test.each([
  ["1970-01-12T13:45:40.123456789Z", false],
  ["1970-01-12T13:45:40Z", true],
  ["0001-01-01T00:00:00Z", true],
  ["", false],
])("what has ended at %s has been kept for a minute: %s", (finishedAt, enough) => {
  expect(hasPassed(finishedAt, 60, clock)).toBe(enough);
});
