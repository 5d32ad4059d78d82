import { Buffer } from "node:buffer";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { ContainerCopy } from "../../../../src/oneoff/apps/copy.ts";
import { fakeTerminal } from "../../../support/fake-terminal.ts";
import { frame } from "../../../support/frame.ts";
import {
  ATTACH,
  CREATE,
  INSPECT,
  REMOVE,
  running,
  type Scene,
  START,
  scene,
  WAIT,
} from "../../../support/session-scene.ts";
import { SlowOutput } from "../../../support/slow-output.ts";

describe("the order of requests", () => {
  test("creates, attaches and waits in parallel, then starts, and sends nothing else", async () => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    socket.end(frame(1, "hello\n"));
    exit(0);
    expect(await code).toBe(0);
    const [create, ...rest] = s.engine.lines;
    expect(create).toBe("POST /containers/create?name=my-app.run.1000");
    expect([...rest.slice(0, 2).sort(), ...rest.slice(2)]).toEqual([
      `${ATTACH}?stream=1&stdout=1&stderr=1`,
      `${WAIT}?condition=next-exit`,
      START,
    ]);
    expect(s.terminal.out).toBe("hello\n");
    expect(s.terminal.err).toBe("");
    expect(s.events).toEqual([]);
  });

  test("does not start before the attach is acknowledged", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait] = [s.engine.on(ATTACH), s.engine.on(WAIT)];
    const code = s.run();
    const answer = (await wait).acknowledge();
    const held = await attach;
    await s.settle();
    expect(s.routes).not.toContain(START);
    const start = s.engine.on(START, 204);
    const socket = held.upgrade();
    await start;
    socket.end();
    answer.end('{"StatusCode":0}');
    expect(await code).toBe(0);
  });

  test("does not start before the wait is acknowledged", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait] = [s.engine.on(ATTACH), s.engine.on(WAIT)];
    const code = s.run();
    const socket = (await attach).upgrade();
    const held = await wait;
    await s.settle();
    expect(s.routes).not.toContain(START);
    const start = s.engine.on(START, 204);
    const answer = held.acknowledge();
    await start;
    socket.end();
    answer.end('{"StatusCode":0}');
    expect(await code).toBe(0);
  });
});

describe("the end of a run", () => {
  test.each([0, 1, 7, 125, 137, 255])("returns exit code %i unchanged", async (status) => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    socket.end();
    exit(status);
    expect(await code).toBe(status);
  });

  test("waits for the end of the output when the exit code is known", async () => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    exit(3);
    await s.settle();
    expect(await Promise.race([code, "running"])).toBe("running");
    socket.end(frame(1, "late"));
    expect(await code).toBe(3);
    expect(s.terminal.out).toBe("late");
  });

  test("waits for the exit code when the output has ended", async () => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    socket.end(frame(1, "all"));
    await s.settle();
    expect(await Promise.race([code, "running"])).toBe("running");
    exit(3);
    expect(await code).toBe(3);
  });

  test("fails when the output ends while the command runs", async () => {
    await using s = await scene();
    const { code, socket } = await running(s);
    for (let times = 0; times < 2; times += 1) s.engine.on(INSPECT, 200, { State: { Running: true } });
    socket.end(frame(1, "the first half"));
    expect(await code).toMatchObject({ code: "engine-lost", message: expect.stringContaining("is still running") });
  });

  test("fails without a start when the connection is cut before", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait] = [s.engine.on(ATTACH), s.engine.on(WAIT)];
    const removed = s.engine.on(REMOVE, 204);
    const code = s.run();
    (await attach).upgrade().end();
    (await wait).acknowledge();
    expect(await code).toMatchObject({ code: "stream-cut" });
    await removed;
    expect(s.routes).not.toContain(START);
  });

  test("waits until the reader has taken all output", async () => {
    const stdout = new SlowOutput();
    await using s = await scene({ terminal: fakeTerminal({}, { stdout }) });
    const { code, socket, exit } = await running(s);
    socket.end(frame(1, "slowly"));
    exit(3);
    await s.settle();
    expect(await Promise.race([code, "running"])).toBe("running");
    stdout.release();
    expect(await code).toBe(3);
    expect(stdout.bytes.toString()).toBe("slowly");
  });

  test("returns the exit code of a command that exits before the start is answered", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    const code = s.run();
    const socket = (await attach).upgrade();
    const answer = (await wait).acknowledge();
    const held = await start;
    socket.end(frame(2, "quick"));
    answer.end('{"StatusCode":9}');
    await s.settle();
    held.reply(204);
    expect(await code).toBe(9);
    expect(s.terminal.err).toBe("quick");
  });

  test("fails and removes the container when the engine does not know the exit code", async () => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    socket.end();
    s.engine.on(REMOVE, 404, { message: "No such container: c" });
    exit(0, { Message: "container deletion failed" });
    expect(await code).toMatchObject({
      code: "exit-unknown",
      exit: undefined,
      message: "The engine did not report the exit code: container deletion failed",
    });
    expect(s.events).toEqual([]);
  });
});

describe("removal of a container that cannot be used", () => {
  test.each([
    [404, "No such container: c"],
    [409, "container c is paused"],
    [500, "attach failed"],
  ])("removes the container when the attach is refused with %i", async (status, text) => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait] = [s.engine.on(ATTACH), s.engine.on(WAIT)];
    s.engine.on(REMOVE, 204);
    const code = s.run();
    (await wait).acknowledge();
    (await attach).refuse(status, text);
    expect(await code).toMatchObject({ code: "engine-refused", status, message: text, exit: undefined });
    expect(s.engine.lines.at(-1)).toBe(`${REMOVE}?force=1&v=1`);
  });

  test("removes the container when attach and wait are refused", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait] = [s.engine.on(ATTACH), s.engine.on(WAIT)];
    s.engine.on(REMOVE, 404, { message: "No such container: c" });
    const code = s.run();
    (await wait).reply(500, { message: "no wait today" });
    await s.settle();
    (await attach).refuse(409, "container c is being removed");
    expect(await code).toMatchObject({ message: "container c is being removed" });
    expect(s.events).toEqual([]);
  });

  test("removes the container and closes the connection when the wait is refused", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait] = [s.engine.on(ATTACH), s.engine.on(WAIT)];
    s.engine.on(REMOVE, 204);
    const code = s.run();
    (await wait).reply(500, { message: "no wait today" });
    await s.settle();
    const socket = (await attach).upgrade();
    const closed = once(socket.resume(), "close");
    expect(await code).toMatchObject({ message: "no wait today" });
    socket.end();
    await closed;
  });

  test.each([
    [404, 'exec: "nope": executable file not found in $PATH: unknown', "not-found", 127],
    [400, "exec /bin/x: no such file or directory", "not-found", 127],
    [500, 'OCI runtime: exec: "/etc/passwd": permission denied: unknown', "not-executable", 126],
    [400, 'exec: "/etc": is a directory', "not-executable", 126],
    [400, 'runc: exec: "/bin/sh/x": stat /bin/sh/x: not a directory: unknown', "not-executable", 126],
    [500, "crun: open `/bin/sh/x`: Not a directory: OCI runtime error", "not-executable", 126],
    [400, 'runc: exec: "/bin/x": argument list too long', "not-executable", 126],
    // As in the docker client, the first match decides.
    [500, "permission denied; executable file not found", "not-found", 127],
    [500, "driver failed programming external connectivity", "engine-refused", undefined],
    // Docker returns 127 for errors unrelated to the command.
    [
      500,
      "error while mounting volume 'v': failed to mount local volume: no such file or directory",
      "engine-refused",
      undefined,
    ],
    [
      500,
      'error gathering device information while adding custom device "/dev/x": no such file or directory',
      "engine-refused",
      undefined,
    ],
    [404, "network backend not found", "engine-refused", undefined],
    [409, "cannot join the network of a non running container", "engine-refused", undefined],
  ])("removes the container when the start is refused with %i: %s", async (status, message, code, exit) => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    s.engine.on(REMOVE, 204);
    const outcome = s.run();
    (await attach).upgrade();
    (await wait).acknowledge();
    (await start).reply(status, { message });
    // The message names the command that was not found or cannot be executed.
    expect(await outcome).toMatchObject({ code, exit, message: exit ? `true: ${message}` : message });
    expect(s.events).toEqual([]);
  });

  test("ignores that the engine is already removing the container", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    s.engine.on(REMOVE, 409, { message: "removal of container c is already in progress" });
    const outcome = s.run();
    (await attach).upgrade();
    (await wait).acknowledge();
    (await start).reply(500, { message: "it broke" });
    expect(await outcome).toMatchObject({ message: "it broke" });
    expect(s.events).toEqual([]);
  });

  test("reports a container that cannot be removed, along with the cause", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    s.engine.on(REMOVE, 500, { message: "device busy" });
    const outcome = s.run();
    (await attach).upgrade();
    (await wait).acknowledge();
    (await start).reply(500, { message: "it broke" });
    expect(await outcome).toMatchObject({ message: "it broke" });
    expect(s.events).toEqual([{ type: "warning", message: "cannot remove my-app.run.1000: device busy" }]);
  });

  test.each([
    ["malformed", Buffer.from("Usage: rake [options]\n"), "bad-frame"],
    ["broken in the engine", frame(3, "no more"), "engine-stream"],
  ])("removes the container when its output is %s", async (_how, bytes, code) => {
    await using s = await scene();
    const run = await running(s);
    const remove = s.engine.on(REMOVE, 204);
    run.socket.write(bytes);
    expect(await run.code).toMatchObject({ code });
    await remove;
  });
});

describe("a detached run", () => {
  test("creates and starts a detached command without attaching", async () => {
    await using s = await scene({ options: { detach: true } });
    s.engine.on(CREATE, 201, { Id: "c", Warnings: null });
    s.engine.on(START, 204);
    expect(await s.runDetached()).toBe("c");
    expect(s.routes).toEqual([CREATE, START]);
    expect(s.events).toEqual([{ type: "detached", name: "run.1000" }]);
  });

  test("removes the container of a detached run when a signal arrives before the start", async () => {
    await using s = await scene({ options: { detach: true } });
    const create = s.engine.on(CREATE);
    const id = s.runDetached();
    const held = await create;
    s.terminal.signal("SIGINT");
    s.engine.on(REMOVE, 204);
    held.reply(201, { Id: "c" });
    expect(await id).toMatchObject({ code: "signalled", exit: 130 });
    expect(s.routes).toEqual([CREATE, REMOVE]);
  });

  test("removes the container of a detached run when the command cannot start", async () => {
    await using s = await scene({ options: { detach: true } });
    s.engine.on(CREATE, 201, { Id: "c" });
    s.engine.on(START, 400, { message: "exec: nope: executable file not found in $PATH" });
    s.engine.on(REMOVE, 204);
    expect(await s.runDetached()).toMatchObject({ code: "not-found", exit: 127 });
    expect(s.routes).toEqual([CREATE, START, REMOVE]);
  });
});

describe("an engine without an init", () => {
  const PATH = 'exec: "docker-init": executable file not found in $PATH';
  const MOUNT =
    'runc create failed: error mounting "/x/init" to rootfs at "/sbin/docker-init": stat /x/init: no such file or directory';
  const REQUEST = "runc create failed: failed to fulfil mount request: open /x/init: no such file or directory";
  const PODMAN =
    "container create: container-init binary not found on the host: faccessat /x/init: no such file or directory";
  const WARNING = { type: "warning", message: expect.stringMatching(/^The engine has no init process: .*--no-init/) };

  const refuseStart = async (s: Scene, reason: string) => {
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    s.engine.on(REMOVE, 404, { message: "No such container: c" });
    const code = s.run();
    (await attach).upgrade();
    (await wait).acknowledge();
    (await start).reply(reason === PATH ? 500 : 400, { message: reason });
    return code;
  };

  test.each([PATH, MOUNT, REQUEST])(
    "runs without an init and warns once when Docker reports on start: %s",
    async (reason) => {
      await using s = await scene();
      const code = refuseStart(s, reason);
      const create = s.engine.on(CREATE, 201, { Id: "c" });
      await create;
      const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
      const socket = (await attach).upgrade();
      const answer = (await wait).acknowledge();
      (await start).reply(204);
      socket.end();
      answer.end('{"StatusCode":3}');
      expect(await code).toBe(3);
      expect((await create).body.HostConfig.Init).toBe(false);
      expect(s.events).toEqual([WARNING]);
    },
  );

  test("runs without an init and warns once when Podman reports it on create", async () => {
    await using s = await scene({ options: { detach: true } });
    s.engine.on(CREATE, 500, { message: PODMAN });
    const create = s.engine.on(CREATE, 201, { Id: "c" });
    s.engine.on(START, 204);
    expect(await s.runDetached()).toBe("c");
    expect((await create).body.HostConfig.Init).toBe(false);
    expect(s.routes).toEqual([CREATE, CREATE, START]);
    expect(s.events).toEqual([WARNING, { type: "detached", name: "run.2125" }]);
  });

  test.each([[PATH], [MOUNT]])("fails when a requested init is missing (%s)", async (reason) => {
    await using s = await scene({ options: { init: true } });
    expect(await refuseStart(s, reason)).toMatchObject({ code: "no-init", next: expect.stringContaining("tini") });
    expect(s.events).toEqual([]);
  });

  test("does not take another missing file for a missing init", async () => {
    await using s = await scene();
    const reason = "failed to fulfil mount request: open /other: no such file or directory";
    expect(await refuseStart(s, reason)).toMatchObject({ code: "engine-refused", message: reason });
    expect(s.events).toEqual([]);
  });
});

describe("links copied from the app's container", () => {
  const copy: ContainerCopy = {
    ...{ source: "id", sourceName: "web", image: "img", env: [], user: "", workingDir: "", entrypoint: [""] },
    ...{ hostConfig: {}, networks: ["front"], links: ["old:db"], networkLinks: { front: ["shop-db-1:sql"] } },
  };

  test("warns on Podman about copied links and runs", async () => {
    await using s = await scene({ options: { detach: true }, copy, server: "Libpod/5.8.6 (linux)" });
    s.engine.on(CREATE, 201, { Id: "c" });
    s.engine.on(START, 204);
    expect(await s.runDetached()).toBe("c");
    expect(s.events.filter(({ type }) => type === "warning")).toEqual([
      {
        type: "warning",
        message:
          "Links of the app's container are not copied, because Podman has no links: old:db, shop-db-1:sql (use a network of those containers and their names: --network NAME)",
      },
    ]);
  });

  test("copies links on Docker without a warning", async () => {
    await using s = await scene({ options: { detach: true }, copy });
    const create = s.engine.on(CREATE, 201, { Id: "c" });
    s.engine.on(START, 204);
    expect(await s.runDetached()).toBe("c");
    expect((await create).body).toMatchObject({
      HostConfig: { Links: ["old:db"] },
      NetworkingConfig: { EndpointsConfig: { front: { Links: ["shop-db-1:sql"] } } },
    });
    expect(s.events.filter(({ type }) => type === "warning")).toEqual([]);
  });
});

describe("a requested link", () => {
  const options = { links: ["db:alias"] };

  test("refuses a requested link on Podman and removes the container", async () => {
    await using s = await scene({ options: { ...options, detach: true }, server: "Libpod/5.8.6 (linux)" });
    s.engine.on(CREATE, 201, { Id: "c" });
    s.engine.on("DELETE /libpod/containers/c", 204);
    expect(await s.runDetached()).toMatchObject({
      code: "no-links",
      message: "--link db:alias cannot be used: Podman has no links",
    });
    // With a known engine, nothing is created.
    expect(await s.runDetached()).toMatchObject({ code: "no-links" });
    expect(s.routes).toEqual([CREATE, "DELETE /libpod/containers/c"]);
  });

  test("accepts a requested link on Docker", async () => {
    await using s = await scene({ options: { ...options, detach: true } });
    const create = s.engine.on(CREATE, 201, { Id: "c" });
    s.engine.on(START, 204);
    expect(await s.runDetached()).toBe("c");
    expect((await create).body.HostConfig.Links).toEqual(["db:alias"]);
  });
});
