import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { toOneoff } from "../../../../src/oneoff/lookup/oneoff.ts";
import { waitForExit } from "../../../../src/oneoff/session/wait.ts";
import { oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { QUICK_TIMEOUTS_MS } from "../../../support/quick-timeouts.ts";

const WAIT = "POST /containers/c/wait";
const INSPECT = "GET /containers/c/json";
/** 2013-03-13T15:38:09Z is second 9. */
const MARCH = Date.UTC(2013, 2, 13, 15, 38) / 1000;

/** Created and started in second 0. */
const oneoff = (fields: Partial<ContainerSummary> = {}, timeout?: number) => {
  const listed = { ...oneoffOf("my-app"), Id: "c", Created: MARCH, ...fields };
  const Labels = { ...listed.Labels, ...(timeout && { "dev.oneoff.timeout": String(timeout) }) };
  return toOneoff({ ...listed, Labels });
};
const StartedAt = "2013-03-13T15:38:00Z";
const ended = (code: number, timeout?: number) =>
  oneoff({ State: "exited", Status: `Exited (${code}) 3 minutes ago` }, timeout);

async function scene(now = 0) {
  const engine = await fakeEngine({ time: MARCH + now });
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }), {
    timeoutsMs: QUICK_TIMEOUTS_MS,
  });
  return {
    engine,
    end: (...[one]: [ReturnType<typeof oneoff>]) => waitForExit(transport, one).catch((error: unknown) => error),
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}

describe("an exited one-off", () => {
  test.each([0, 1, 125, 137, 255])("returns exit code %i of an exited one-off without a request", async (code) => {
    await using s = await scene();
    expect(await s.end(ended(code))).toEqual({ code, timedOut: false });
    expect(s.engine.lines).toEqual([]);
  });

  test.each([0, 1, 124, 130])("does not report a timeout of an exited one-off for exit code %i", async (code) => {
    await using s = await scene(100);
    expect(await s.end(ended(code, 9))).toEqual({ code, timedOut: false });
    expect(s.engine.lines).toEqual([]);
  });

  test.each([
    [143, "2013-03-13T15:38:09.000000001Z", true],
    [137, "2013-03-13T15:38:19.5Z", true],
    [143, "2013-03-13T15:38:09Z", true],
    [143, "2013-03-13T15:38:08.5Z", false],
    [137, "2013-03-13T15:37:59.999Z", false],
    // The engine does not know the time.
    [143, undefined, false],
  ])("returns %i of a one-off that exited at %s: timed out is %s", async (code, FinishedAt, timedOut) => {
    await using s = await scene(100);
    s.engine.on(INSPECT, 200, { State: { Running: false, StartedAt, FinishedAt } });
    expect(await s.end(ended(code, 9))).toEqual({ code, timedOut });
  });
});

describe("a live one-off", () => {
  test.each([0, 7, 137])("waits for a live one-off and returns exit code %i", async (code) => {
    await using s = await scene();
    const wait = s.engine.on(WAIT);
    const end = s.end(oneoff());
    const exchange = await wait;
    expect(exchange.query).toEqual({ condition: "not-running" });
    const answer = exchange.acknowledge();
    expect(await Promise.race([end, "waiting"])).toBe("waiting");
    answer.end(JSON.stringify({ StatusCode: code, Error: null }));
    expect(await end).toEqual({ code, timedOut: false });
  });

  test.each([
    [143, 9, true],
    [137, 100, true],
    [143, 3, false],
    [0, 100, false],
    [130, 100, false],
  ])("returns %i of a one-off that is removed after %d s of 9 s: timed out is %s", async (code, now, timedOut) => {
    await using s = await scene(now);
    s.engine.on(WAIT, 200, { StatusCode: code });
    s.engine.always(INSPECT, 404, { message: "No such container: c" });
    expect(await s.end(oneoff({}, 9))).toEqual({ code, timedOut });
  });

  test("fails when the engine does not know the exit code", async () => {
    await using s = await scene();
    s.engine.on(WAIT, 200, { StatusCode: -1, Error: { Message: "it broke" } });
    expect(await s.end(oneoff())).toMatchObject({
      code: "exit-unknown",
      message: "The engine did not report the exit code: it broke",
    });
  });

  test("fails when the engine is lost during the wait", async () => {
    await using s = await scene();
    const wait = s.engine.on(WAIT);
    const end = s.end(oneoff());
    (await wait).acknowledge();
    await s.engine.vanish();
    expect(await end).toMatchObject({ code: "wait-broken" });
  });

  describe("a wait whose connection is cut", () => {
    /** Cuts the wait; the container is inspected afterwards. */
    const cut = async (status: number, details: unknown) => {
      const s = await scene();
      const wait = s.engine.on(WAIT);
      const again = s.engine.on(INSPECT, status, details);
      const end = s.end(oneoff());
      (await wait).acknowledge().destroy();
      return { ...s, end, again };
    };

    test("repeats the wait after the connection was cut", async () => {
      await using s = await cut(200, { State: { Status: "running", Running: true } });
      s.engine.on(WAIT, 200, { StatusCode: 7 });
      await s.again;
      expect(await s.end).toEqual({ code: 7, timedOut: false });
    });

    test("reports an unknown exit code when the one-off was removed meanwhile", async () => {
      await using s = await cut(404, { message: "No such container: c" });
      expect(await s.end).toMatchObject({
        code: "exit-unknown",
        message: "The engine did not report the exit code: it was removed while the connection was lost",
      });
    });
  });

  test("fails with the engine's message when the one-off was removed before the wait", async () => {
    await using s = await scene();
    s.engine.on(WAIT, 404, { message: "No such container: c" });
    expect(await s.end(oneoff())).toMatchObject({ status: 404, message: "No such container: c" });
  });
});

describe("a one-off that has not started", () => {
  const created = (deadline?: number) => oneoff({ State: "created", Status: "Created" }, deadline);

  test("waits for start and exit of a one-off that has not started", async () => {
    await using s = await scene();
    const wait = s.engine.on(WAIT);
    s.engine.on(INSPECT, 200, { State: { Status: "created", Running: false, ExitCode: 0 } });
    const end = s.end(created());
    const exchange = await wait;
    expect(exchange.query).toEqual({ condition: "next-exit" });
    const answer = exchange.acknowledge();
    await expect.poll(() => s.engine.lines.at(-1)).toBe(INSPECT);
    answer.end('{"StatusCode":7}');
    expect(await end).toEqual({ code: 7, timedOut: false });
  });

  test("does not wait for a one-off that has exited before the wait", { timeout: 2_000 }, async () => {
    await using s = await scene();
    const wait = s.engine.on(WAIT);
    s.engine.on(INSPECT, 200, { State: { Status: "exited", Running: false, ExitCode: 7 } });
    const end = s.end(created());
    (await wait).acknowledge();
    expect(await end).toEqual({ code: 7, timedOut: false });
  });
});

test("returns the exit code of a one-off that the engine could not remove", async () => {
  await using s = await scene();
  s.engine.on(WAIT, 200, { StatusCode: 3 });
  expect(await s.end(oneoff({ State: "dead", Status: "Dead" }))).toEqual({ code: 3, timedOut: false });
});
