import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { frame } from "../../../support/frame.ts";
import { INSPECT, REMOVE, running, scene } from "../../../support/session-scene.ts";

describe("a run whose engine is lost", () => {
  const lost = "The connection to the engine was lost, the exit code is unknown; my-app.run.1000";
  const breakAll = ({ socket, waiting }: { socket: Socket; waiting: Socket }) => {
    socket.destroy();
    waiting.destroy();
  };

  test("reports an unknown state when the engine stays lost", async () => {
    await using s = await scene();
    const { code } = await running(s);
    await s.engine.vanish();
    expect(await code).toMatchObject({
      code: "engine-lost",
      exit: undefined,
      message: `${lost} may still be running`,
      next: "oneoff attach my-app.run.1000",
    });
  });

  test("reports that the one-off is running when the engine is back", async () => {
    await using s = await scene();
    const run = await running(s);
    s.engine.on(INSPECT, 200, { State: { Running: true } });
    breakAll(run);
    expect(await run.code).toMatchObject({
      code: "engine-lost",
      message: `${lost} is still running`,
      next: "oneoff attach my-app.run.1000",
    });
    expect(s.routes).not.toContain(REMOVE);
  });

  test.each([
    ["has kept the exited container", 200, { State: { Running: false } }],
    ["has removed the container", 404, { message: "No such container: c" }],
  ])("reports that the one-off has exited when the engine is back and %s", async (_how, status, body) => {
    await using s = await scene();
    const run = await running(s);
    s.engine.on(INSPECT, status, body);
    breakAll(run);
    expect(await run.code).toMatchObject({ code: "engine-lost", message: `${lost} has exited`, next: undefined });
  });

  test("reports a lost engine for a connection that ends within a frame", async () => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    s.engine.on(INSPECT, 200, { State: { Running: true } });
    socket.end(frame(1, "half", 8));
    exit(0);
    expect(await code).toMatchObject({ code: "engine-lost" });
    expect(s.terminal.out).toBe("half");
  });
});
