import { describe, expect, test } from "vitest";
import { frame } from "../../../support/frame.ts";
import {
  ATTACH,
  CREATE,
  KILL,
  PULL,
  REMOVE,
  running,
  START,
  STOP,
  scene,
  WAIT,
} from "../../../support/session-scene.ts";

describe("a signal before the start", () => {
  test.each<[NodeJS.Signals, number]>([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ])("removes the container when %s arrives during create", async (signal, exit) => {
    await using s = await scene();
    const create = s.engine.on(CREATE);
    const code = s.run();
    const held = await create;
    s.terminal.signal(signal);
    s.engine.on(REMOVE, 204);
    held.reply(201, { Id: "c" });
    expect(await code).toMatchObject({ code: "signalled", exit });
    expect(s.routes).toEqual([CREATE, REMOVE]);
  });

  test.each(["attach", "wait"])(
    "removes the container when a signal arrives before %s is acknowledged",
    async (which) => {
      await using s = await scene();
      s.engine.on(CREATE, 201, { Id: "c" });
      const [attach, wait] = [s.engine.on(ATTACH), s.engine.on(WAIT)];
      s.engine.on(REMOVE, 204);
      const code = s.run();
      const exchanges = { attach: await attach, wait: await wait };
      if (which === "attach") exchanges.wait.acknowledge();
      else exchanges.attach.upgrade();
      await s.settle();
      s.terminal.signal("SIGHUP");
      if (which === "attach") exchanges.attach.upgrade();
      else exchanges.wait.acknowledge();
      expect(await code).toMatchObject({ code: "signalled", exit: 129 });
      expect(s.routes).not.toContain(START);
      expect(s.routes.at(-1)).toBe(REMOVE);
    },
  );

  test("forwards a non-fatal signal once the command has started", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    const code = s.run();
    const held = await attach;
    s.terminal.signal("SIGUSR1");
    const socket = held.upgrade();
    const answer = (await wait).acknowledge();
    const starting = await start;
    await s.settle();
    expect(s.routes).not.toContain(KILL);
    const kill = s.engine.on(KILL, 204);
    starting.reply(204);
    expect((await kill).query).toEqual({ signal: "SIGUSR1" });
    socket.end();
    answer.end('{"StatusCode":0}');
    expect(await code).toBe(0);
  });

  test("forwards a signal that arrives during the start, and returns the command's exit code", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    const code = s.run();
    const socket = (await attach).upgrade();
    const answer = (await wait).acknowledge();
    const starting = await start;
    s.terminal.signal("SIGTERM");
    const kill = s.engine.on(KILL, 204);
    starting.reply(204);
    expect((await kill).query).toEqual({ signal: "SIGTERM" });
    socket.end();
    answer.end('{"StatusCode":143}');
    expect(await code).toBe(143);
  });

  test("ends a pull at once on a fatal signal", { timeout: 2_000 }, async () => {
    await using s = await scene({ pull: "always" });
    const pull = s.engine.on(PULL);
    const code = s.run();
    (await pull).acknowledge().write('{"status":"Pulling from img"}\r\n');
    await expect.poll(() => s.events).toHaveLength(1);
    s.terminal.signal("SIGINT");
    expect(await code).toMatchObject({ code: "signalled", exit: 130 });
  });

  test("does not end a pull on a non-fatal signal", async () => {
    await using s = await scene({ pull: "always" });
    const pull = s.engine.on(PULL);
    const run = running(s);
    const pulling = (await pull).acknowledge();
    s.terminal.signal("SIGUSR1");
    await s.settle();
    const kill = s.engine.on(KILL, 204);
    pulling.end();
    const { code, socket, exit } = await run;
    expect((await kill).query).toEqual({ signal: "SIGUSR1" });
    socket.end();
    exit(0);
    expect(await code).toBe(0);
  });
});

describe("^C", () => {
  test("forwards the first ^C and stops the one-off on the second", async () => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    const kill = s.engine.on(KILL, 204);
    s.terminal.signal("SIGINT");
    expect((await kill).query).toEqual({ signal: "SIGINT" });
    const stop = s.engine.on(STOP);
    s.terminal.signal("SIGINT");
    const stopping = await stop;
    socket.end(frame(1, "bye\n"));
    exit(143);
    expect(await code).toBe(143);
    stopping.reply(204);
    expect(s.terminal.out).toBe("bye\n");
    expect(s.events).toEqual([{ type: "stopping", name: "run.1000", reason: "interrupt", stopTimeout: 10 }]);
  });

  test.each(["before", "after"])(
    "removes the one-off on the third ^C and returns 130 when it exits %s the removal is answered",
    async (when) => {
      await using s = await scene();
      const { code, socket, exit } = await running(s);
      const [kill, stop, remove] = [s.engine.on(KILL, 204), s.engine.on(STOP), s.engine.on(REMOVE)];
      s.terminal.signal("SIGINT");
      await kill;
      s.terminal.signal("SIGINT");
      await stop;
      s.terminal.signal("SIGINT");
      const removing = await remove;
      if (when === "before") {
        socket.end();
        exit(137);
        await s.settle();
      }
      removing.reply(204);
      expect(await code).toBe(130);
      expect(s.routes.filter((route) => route === REMOVE)).toHaveLength(1);
    },
  );

  test("returns 130 after the third ^C even when the removal cuts the output", async () => {
    await using s = await scene();
    const { code, socket, waiting } = await running(s);
    const [kill, stop, remove] = [s.engine.on(KILL, 204), s.engine.on(STOP), s.engine.on(REMOVE)];
    s.terminal.signal("SIGINT");
    await kill;
    s.terminal.signal("SIGINT");
    await stop;
    s.terminal.signal("SIGINT");
    const removing = await remove;
    socket.end(frame(1, "cut", 8));
    waiting.destroy();
    await s.settle();
    removing.reply(204);
    expect(await code).toBe(130);
  });
});
