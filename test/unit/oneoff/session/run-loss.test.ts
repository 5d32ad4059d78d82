import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { frame } from "../../../support/frame.ts";
import { INSPECT, REMOVE, running, scene } from "../../../support/session-scene.ts";

describe("an engine that goes away while the command runs", () => {
  const lost = "The connection to the engine was lost, and the exit code with it; my-app.run.1000";
  const breakAll = ({ socket, waiting }: { socket: Socket; waiting: Socket }) => {
    socket.destroy();
    waiting.destroy();
  };

  test("for good leaves open what has become of it", async () => {
    await using s = await scene();
    const { code } = await running(s);
    await s.engine.vanish();
    expect(await code).toMatchObject({
      code: "engine-lost",
      exit: undefined,
      message: `${lost} lives on if the engine keeps containers over a restart`,
      next: "oneoff attach my-app.run.1000",
    });
  });

  test("and comes back tells that it lives on", async () => {
    await using s = await scene();
    const run = await running(s);
    s.engine.on(INSPECT, 200, { State: { Running: true } });
    breakAll(run);
    expect(await run.code).toMatchObject({
      code: "engine-lost",
      message: `${lost} lives on`,
      next: "oneoff attach my-app.run.1000",
    });
    expect(s.routes).not.toContain(REMOVE);
  });

  test.each([
    ["has it, ended", 200, { State: { Running: false } }],
    ["does not have it", 404, { message: "No such container: c" }],
  ])("and comes back and %s tells that it has ended", async (_how, status, body) => {
    await using s = await scene();
    const run = await running(s);
    s.engine.on(INSPECT, status, body);
    breakAll(run);
    expect(await run.code).toMatchObject({ code: "engine-lost", message: `${lost} has ended`, next: undefined });
  });

  test("in the middle of a frame is lost, not the command's end", async () => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    s.engine.on(INSPECT, 200, { State: { Running: true } });
    socket.end(frame(1, "half", 8));
    exit(0);
    expect(await code).toMatchObject({ code: "engine-lost" });
    expect(s.terminal.out).toBe("half");
  });
});
