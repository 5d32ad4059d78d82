import { describe, expect, test } from "vitest";
import { isAbandoned, isStale, ownerIsAlive } from "../../../../src/oneoff/reaping/staleness.ts";
import { listed } from "../../../support/deployed.ts";

const NOW = 1_000_000;
const HOUR = 3600;
const clock = {
  now: NOW,
  isAlive: (owner: string) => ({ "here:alive": true, "here:dead": false })[owner],
};

type Owner = "here:alive" | "here:dead" | "elsewhere" | undefined;

const made = (State: string, owner: Owner, ago: number, labels = {}) =>
  listed(
    "x",
    { "dev.oneoff.kind": "run", ...(owner && { "dev.oneoff.owner": owner }), ...labels },
    { State, Created: NOW - ago },
  );

describe("a container that was never started is abandoned", () => {
  test.each<[owner: Owner, ago: number, abandoned: boolean]>([
    ["here:dead", 0, true],
    ["here:dead", 2 * HOUR, true],
    ["here:alive", 0, false],
    ["here:alive", 1000 * HOUR, false],
    ["elsewhere", 0, false],
    ["elsewhere", HOUR, false],
    ["elsewhere", HOUR + 1, true],
    [undefined, HOUR, false],
    [undefined, HOUR + 1, true],
  ])("with the owner %s, after %i s: %s", (owner, ago, abandoned) => {
    expect(isAbandoned(made("created", owner, ago), clock)).toBe(abandoned);
  });

  test("unless it may be waiting for a lock, as far as anybody knows", () => {
    const waiting = { "dev.oneoff.lock": "migrate" };
    expect(isAbandoned(made("created", "elsewhere", 1000 * HOUR, waiting), clock)).toBe(false);
    expect(isAbandoned(made("created", "here:dead", 0, waiting), clock)).toBe(true);
  });

  test.each(["running", "exited", "paused", "removing"])("and never one that is %s", (state) => {
    expect(isAbandoned(made(state, "here:dead", 1000 * HOUR), clock)).toBe(false);
  });
});

describe("a lock is stale", () => {
  const lock = (ago = 0) => listed("oneoff.lock.x", { "dev.oneoff.kind": "lock" }, { Created: NOW - ago });

  test("when its holder has gone", () => expect(isStale(lock(), undefined, clock)).toBe(true));

  test.each(["exited", "dead", "removing"])("when its holder is %s, whoever owns that", (state) => {
    expect(isStale(lock(), made(state, "here:alive", 0), clock)).toBe(true);
  });

  test.each(["running", "paused", "restarting"])("not while its holder is %s, though its owner has gone", (state) => {
    expect(isStale(lock(1000 * HOUR), made(state, "here:dead", 1000 * HOUR), clock)).toBe(false);
  });

  test.each<[owner: Owner, lockAgo: number, holderAgo: number, stale: boolean]>([
    ["here:dead", 0, 0, true],
    ["here:alive", 2 * HOUR, 2 * HOUR, false],
    ["elsewhere", HOUR + 1, HOUR + 1, true],
    // It has waited for hours, and will be started in a moment.
    ["elsewhere", 0, 5 * HOUR, false],
    [undefined, HOUR, 5 * HOUR, false],
    [undefined, HOUR + 1, 5 * HOUR, true],
  ])("when its holder of the owner %s was not started, %i and %i s after: %s", (owner, lockAgo, holderAgo, stale) => {
    expect(isStale(lock(lockAgo), made("created", owner, holderAgo), clock)).toBe(stale);
  });
});

describe("whoever deploys, on whatever machine, is there as long as it says so", () => {
  const mark = (beat: number | undefined, kind = "deploy") => ({
    ...made("created", "elsewhere", 5 * HOUR, { "dev.oneoff.kind": kind }),
    Names: [`/a.deploy.0123456789ab${beat === undefined ? "" : `.at-${NOW - beat}`}`],
  });
  const lock = listed("oneoff.lock.x", { "dev.oneoff.kind": "lock" }, { Created: NOW - 5 * HOUR });

  test.each<[beat: number | undefined, gone: boolean]>([
    [0, false],
    [HOUR, false],
    [HOUR + 1, true],
    [undefined, true],
  ])("heard of %s s ago: gone %s", (beat, gone) => {
    expect(isAbandoned(mark(beat), clock)).toBe(gone);
    expect(isStale(lock, mark(beat), clock)).toBe(gone);
  });

  test("but no name of another's choice is taken for a sign of life", () =>
    expect(isAbandoned(mark(0, "run"), clock)).toBe(true));
});

test("nothing is known of an owner that is not told", () => {
  expect(ownerIsAlive(made("created", undefined, 0), clock)).toBeUndefined();
});
