import { describe, expect, test } from "vitest";
import { engineClock } from "../../../src/engine/clock.ts";
import { attachContainer, listContainers } from "../../../src/engine/containers.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { clockOf } from "../../../src/oneoff/reaping/staleness.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const MARCH = Date.UTC(2013, 2, 13, 15, 38, 8) / 1000;
const told = (seconds: number) => new Date((MARCH + seconds) * 1000).toUTCString();

/** The local clock shows another time. */
function scene() {
  let elapsed = 1000;
  const clock = engineClock(
    () => 7,
    () => elapsed,
  );
  return {
    clock,
    passes(seconds: number) {
      elapsed += seconds;
    },
    at: () => clock.passed() - MARCH,
  };
}

describe("tracks the engine's clock", () => {
  test("shows local time before the first answer, and treats nothing as due", () => {
    const { clock } = scene();
    for (const nothing of [undefined, "", "soon"]) clock.note(nothing);
    expect([clock.passed(), clock.now()]).toEqual([-Infinity, 7]);
  });

  test("follows the time of an answer, and advances with elapsed time", () => {
    const s = scene();
    s.clock.note(told(0));
    s.passes(0.75);
    expect([s.at(), s.clock.now()]).toEqual([0.75, MARCH + 0.75]);
  });

  test("never moves backwards because of whole seconds or slow answers", () => {
    const s = scene();
    s.clock.note(told(0));
    s.passes(0.75);
    s.clock.note(told(0));
    expect(s.at()).toBe(0.75);
    s.clock.note(told(1));
    expect(s.at()).toBe(1);
    s.passes(1);
    s.clock.note(told(0));
    expect(s.at()).toBe(2);
  });

  test.each([
    ["local time in ms if it may be the engine's", 0.25, 0.25],
    ["local time after a slow answer", 1.75, 1.75],
    ["the engine's time if the local clock is behind", -0.001, 0],
    ["the engine's time if the local clock is ahead", 2.5, 0],
    ["the engine's time if the local clock is minutes off", 300, 0],
  ])("displays %s", (_what, ours, shown) => {
    const clock = engineClock(
      () => MARCH + ours,
      () => 1000,
    );
    clock.note(told(0));
    expect(clock.now() - MARCH).toBeCloseTo(shown, 5);
    expect(clock.passed()).toBe(MARCH);
  });

  test("moves back if the engine's clock was set back", () => {
    const s = scene();
    s.clock.note(told(0));
    s.clock.note(told(-300));
    expect(s.at()).toBe(-300);
  });
});

test.each([-2 * 86_400, -300, 300, 2 * 86_400])(
  "uses the engine's clock for deadlines if the local clock is %i s off",
  async (skew) => {
    const time = Math.floor(Date.now() / 1000) + skew;
    await using engine = await fakeEngine({ time });
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    engine.on("GET /containers/json", 200, []);
    await listContainers(transport, {});
    const { now } = clockOf(transport, { isAlive: () => undefined });
    expect(now).toBeGreaterThanOrEqual(time);
    expect(now).toBeLessThan(time + 60);
  },
);

test("reads the engine's time from a refused connection too", async () => {
  await using engine = await fakeEngine({ time: MARCH });
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("POST /containers/c/attach", 404, { message: "No such container: c" });
  await attachContainer(transport, "c", { stdin: false, tty: false }).catch(() => {});
  expect(transport.clock.passed()).toBeGreaterThanOrEqual(MARCH);
});
