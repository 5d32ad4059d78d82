import { describe, expect, test } from "vitest";
import { engineClock } from "../../../src/engine/clock.ts";
import { attachContainer, listContainers } from "../../../src/engine/containers.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { clockOf } from "../../../src/oneoff/reaping/staleness.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const MARCH = Date.UTC(2013, 2, 13, 15, 38, 8) / 1000;
const told = (seconds: number) => new Date((MARCH + seconds) * 1000).toUTCString();

/** Ours says something else altogether. */
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

describe("the engine's clock", () => {
  test("is not known before an answer: nothing is due, and ours is shown", () => {
    const { clock } = scene();
    for (const nothing of [undefined, "", "soon"]) clock.note(nothing);
    expect([clock.passed(), clock.now()]).toEqual([-Infinity, 7]);
  });

  test("is what an answer says, and goes on with the time that passes", () => {
    const s = scene();
    s.clock.note(told(0));
    s.passes(0.75);
    expect([s.at(), s.clock.now()]).toEqual([0.75, MARCH + 0.75]);
  });

  test("never goes back because an answer tells whole seconds, or was slow", () => {
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
    ["ours, to the millisecond, where that may be the engine's", 0.25, 0.25],
    ["ours after an answer that was slow", 1.75, 1.75],
    ["the engine's where ours is behind", -0.001, 0],
    ["the engine's where ours is ahead", 2.5, 0],
    ["the engine's where ours is another altogether", 300, 0],
  ])("of which people read %s", (_what, ours, shown) => {
    const clock = engineClock(
      () => MARCH + ours,
      () => 1000,
    );
    clock.note(told(0));
    expect(clock.now() - MARCH).toBeCloseTo(shown, 5);
    expect(clock.passed()).toBe(MARCH);
  });

  test("goes back when it was set back", () => {
    const s = scene();
    s.clock.note(told(0));
    s.clock.note(told(-300));
    expect(s.at()).toBe(-300);
  });
});

test.each([-2 * 86_400, -300, 300, 2 * 86_400])("%i s beside ours, it is what things are judged by", async (skew) => {
  const time = Math.floor(Date.now() / 1000) + skew;
  await using engine = await fakeEngine({ time });
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, []);
  await listContainers(transport, {});
  const { now } = clockOf(transport, { isAlive: () => undefined });
  expect(now).toBeGreaterThanOrEqual(time);
  expect(now).toBeLessThan(time + 60);
});

test("a connection that is refused tells it as well", async () => {
  await using engine = await fakeEngine({ time: MARCH });
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("POST /containers/c/attach", 404, { message: "No such container: c" });
  await attachContainer(transport, "c", { stdin: false, tty: false }).catch(() => {});
  expect(transport.clock.passed()).toBeGreaterThanOrEqual(MARCH);
});
