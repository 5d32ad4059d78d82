import { describe, expect, test } from "vitest";
import { isAbandoned, isOwnerAlive, isStale } from "../../../../src/oneoff/reaping/staleness.ts";
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

describe("an abandoned container", () => {
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
  ])("decides whether a container of owner %s is abandoned after %i s: %s", (owner, ago, abandoned) => {
    expect(isAbandoned(made("created", owner, ago), clock)).toBe(abandoned);
  });

  test("does not take a one-off that may be waiting for a lock for abandoned", () => {
    const waiting = { "dev.oneoff.lock": "migrate" };
    expect(isAbandoned(made("created", "elsewhere", 1000 * HOUR, waiting), clock)).toBe(false);
    expect(isAbandoned(made("created", "here:dead", 0, waiting), clock)).toBe(true);
  });

  test.each(["running", "exited", "paused", "removing"])(
    "does not take a container that is %s for abandoned",
    (state) => {
      expect(isAbandoned(made(state, "here:dead", 1000 * HOUR), clock)).toBe(false);
    },
  );
});

describe("a stale lock", () => {
  const lock = (ago = 0) => listed("oneoff.lock.x", { "dev.oneoff.kind": "lock" }, { Created: NOW - ago });

  test("takes a lock whose holder was removed for stale", () => expect(isStale(lock(), undefined, clock)).toBe(true));

  test.each(["exited", "dead", "removing"])("takes a lock whose holder is %s for stale", (state) => {
    expect(isStale(lock(), made(state, "here:alive", 0), clock)).toBe(true);
  });

  test.each(["running", "paused", "restarting"])(
    "does not take a lock whose holder is %s for stale, even with a dead owner",
    (state) => {
      expect(isStale(lock(1000 * HOUR), made(state, "here:dead", 1000 * HOUR), clock)).toBe(false);
    },
  );

  test.each<[owner: Owner, lockAgo: number, holderAgo: number, stale: boolean]>([
    ["here:dead", 0, 0, true],
    ["here:alive", 2 * HOUR, 2 * HOUR, false],
    ["elsewhere", HOUR + 1, HOUR + 1, true],
    // It has waited for hours and is about to start.
    ["elsewhere", 0, 5 * HOUR, false],
    [undefined, HOUR, 5 * HOUR, false],
    [undefined, HOUR + 1, 5 * HOUR, true],
  ])(
    "decides about a lock whose holder of owner %s has not started, %i and %i s ago: %s",
    (owner, lockAgo, holderAgo, stale) => {
      expect(isStale(lock(lockAgo), made("created", owner, holderAgo), clock)).toBe(stale);
    },
  );
});

describe("heartbeats", () => {
  const mark = (beat: number | undefined, kind = "deploy") => ({
    ...made("created", "elsewhere", 5 * HOUR, { "dev.oneoff.kind": kind }),
    Names: [`/a.deploy.0123456789ab${beat === undefined ? "" : `.at-${NOW - beat}`}`],
  });
  const lock = listed("oneoff.lock.x", { "dev.oneoff.kind": "lock" }, { Created: NOW - 5 * HOUR });

  test.each<[beat: number | undefined, isDead: boolean]>([
    [0, false],
    [HOUR, false],
    [HOUR + 1, true],
    [undefined, true],
  ])("decides by a heartbeat %s s ago: dead is %s", (beat, isDead) => {
    expect(isAbandoned(mark(beat), clock)).toBe(isDead);
    expect(isStale(lock, mark(beat), clock)).toBe(isDead);
  });

  test("accepts heartbeats of deploys only", () => expect(isAbandoned(mark(0, "run"), clock)).toBe(true));
});

test("does not know an owner without a label", () => {
  expect(isOwnerAlive(made("created", undefined, 0), clock)).toBeUndefined();
});
