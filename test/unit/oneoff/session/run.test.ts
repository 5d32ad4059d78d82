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

describe("the order of things", () => {
  test("create, then attach and wait side by side, then start, and nothing else", async () => {
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

  test("nothing is started before the attach is acknowledged", async () => {
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

  test("nothing is started before the wait is acknowledged", async () => {
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

describe("a run is over", () => {
  test.each([0, 1, 7, 125, 137, 255])("with the command's exit code %i, unchanged", async (status) => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    socket.end();
    exit(status);
    expect(await code).toBe(status);
  });

  test("not before the output has ended, though the code is known", async () => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    exit(3);
    await s.settle();
    expect(await Promise.race([code, "running"])).toBe("running");
    socket.end(frame(1, "late"));
    expect(await code).toBe(3);
    expect(s.terminal.out).toBe("late");
  });

  test("not before the code is known, though the output has ended", async () => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    socket.end(frame(1, "all"));
    await s.settle();
    expect(await Promise.race([code, "running"])).toBe("running");
    exit(3);
    expect(await code).toBe(3);
  });

  test("when the output ends while the command runs: it was cut", async () => {
    await using s = await scene();
    const { code, socket } = await running(s);
    for (let times = 0; times < 2; times += 1) s.engine.on(INSPECT, 200, { State: { Running: true } });
    socket.end(frame(1, "the first half"));
    expect(await code).toMatchObject({ code: "engine-lost", message: expect.stringContaining("lives on") });
  });

  test("before it starts when its connection is cut before", async () => {
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

  test("not before our own reader has taken everything", async () => {
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

  test("also when it was over before the start was answered", async () => {
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

  test("with an error when the engine cannot tell the code, and the container is removed", async () => {
    await using s = await scene();
    const { code, socket, exit } = await running(s);
    socket.end();
    s.engine.on(REMOVE, 404, { message: "No such container: c" });
    exit(0, { Message: "container deletion failed" });
    expect(await code).toMatchObject({
      code: "exit-unknown",
      exit: undefined,
      message: "The engine could not tell how the command ended: container deletion failed",
    });
    expect(s.events).toEqual([]);
  });
});

describe("a container that cannot be used is removed", () => {
  test.each([
    [404, "No such container: c"],
    [409, "container c is paused"],
    [500, "attach failed"],
  ])("when attach is refused with %i", async (status, text) => {
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

  test("when attach and wait are both refused", async () => {
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

  test("when wait is refused, and the attached connection is closed", async () => {
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
    // In the order of the docker client: the first of the two decides.
    [500, "permission denied; executable file not found", "not-found", 127],
    [500, "driver failed programming external connectivity", "engine-refused", undefined],
    // Docker says 127 of what has nothing to do with the command.
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
  ])("when start is refused with %i: %s", async (status, message, code, exit) => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    s.engine.on(REMOVE, 204);
    const outcome = s.run();
    (await attach).upgrade();
    (await wait).acknowledge();
    (await start).reply(status, { message });
    // What is not there, or cannot be run, is named.
    expect(await outcome).toMatchObject({ code, exit, message: exit ? `true: ${message}` : message });
    expect(s.events).toEqual([]);
  });

  test("and one that the engine is removing already is no failure of ours", async () => {
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

  test("and one that cannot be removed is told of, beside the reason", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 201, { Id: "c" });
    const [attach, wait, start] = [s.engine.on(ATTACH), s.engine.on(WAIT), s.engine.on(START)];
    s.engine.on(REMOVE, 500, { message: "device busy" });
    const outcome = s.run();
    (await attach).upgrade();
    (await wait).acknowledge();
    (await start).reply(500, { message: "it broke" });
    expect(await outcome).toMatchObject({ message: "it broke" });
    expect(s.events).toEqual([{ type: "warning", message: "my-app.run.1000 could not be removed: device busy" }]);
  });

  test.each([
    ["garbled", Buffer.from("Usage: rake [options]\n"), "bad-frame"],
    ["broken in the engine", frame(3, "no more"), "engine-stream"],
  ])("when its output is %s", async (_how, bytes, code) => {
    await using s = await scene();
    const run = await running(s);
    const remove = s.engine.on(REMOVE, 204);
    run.socket.write(bytes);
    expect(await run.code).toMatchObject({ code });
    await remove;
  });
});

describe("detached", () => {
  test("a command is created and started, and not attached to", async () => {
    await using s = await scene({ options: { detach: true } });
    s.engine.on(CREATE, 201, { Id: "c", Warnings: null });
    s.engine.on(START, 204);
    expect(await s.runDetached()).toBe("c");
    expect(s.routes).toEqual([CREATE, START]);
    expect(s.events).toEqual([{ type: "detached", name: "run.1000" }]);
  });

  test("a command that a signal comes before leaves nothing behind either", async () => {
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

  test("a command that cannot be started leaves nothing behind", async () => {
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
  const WARNING = { type: "warning", message: expect.stringMatching(/^The engine has no init: .*--no-init/) };

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
    "which Docker says at start (%s) runs without, with one warning",
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

  test("which Podman says at create runs without, with one warning", async () => {
    await using s = await scene({ options: { detach: true } });
    s.engine.on(CREATE, 500, { message: PODMAN });
    const create = s.engine.on(CREATE, 201, { Id: "c" });
    s.engine.on(START, 204);
    expect(await s.runDetached()).toBe("c");
    expect((await create).body.HostConfig.Init).toBe(false);
    expect(s.routes).toEqual([CREATE, CREATE, START]);
    expect(s.events).toEqual([WARNING, { type: "detached", name: "run.2125" }]);
  });

  test.each([[PATH], [MOUNT]])("is an error where an init was asked for (%s)", async (reason) => {
    await using s = await scene({ options: { init: true } });
    expect(await refuseStart(s, reason)).toMatchObject({ code: "no-init", next: expect.stringContaining("tini") });
    expect(s.events).toEqual([]);
  });

  test("is not what another missing file means", async () => {
    await using s = await scene();
    const reason = "failed to fulfil mount request: open /other: no such file or directory";
    expect(await refuseStart(s, reason)).toMatchObject({ code: "engine-refused", message: reason });
    expect(s.events).toEqual([]);
  });
});

describe("links of the app's container", () => {
  const copy: ContainerCopy = {
    ...{ source: "id", sourceName: "web", image: "img", env: [], user: "", workingDir: "", entrypoint: [""] },
    ...{ hostConfig: {}, networks: ["front"], links: ["old:db"], networkLinks: { front: ["shop-db-1:sql"] } },
  };

  test("are named on Podman, which has none, and the one-off runs", async () => {
    await using s = await scene({ options: { detach: true }, copy, server: "Libpod/5.8.6 (linux)" });
    s.engine.on(CREATE, 201, { Id: "c" });
    s.engine.on(START, 204);
    expect(await s.runDetached()).toBe("c");
    expect(s.events.filter(({ type }) => type === "warning")).toEqual([
      {
        type: "warning",
        message:
          "Links of the app's container are not copied, for Podman has none: old:db, shop-db-1:sql; name the containers by their own names in a network that both have joined (--network NAME)",
      },
    ]);
  });

  test("are copied on Docker, without a word", async () => {
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

describe("a link that is asked for", () => {
  const options = { links: ["db:alias"] };

  test("is refused on Podman, and what it was created with is removed", async () => {
    await using s = await scene({ options: { ...options, detach: true }, server: "Libpod/5.8.6 (linux)" });
    s.engine.on(CREATE, 201, { Id: "c" });
    s.engine.on("DELETE /libpod/containers/c", 204);
    expect(await s.runDetached()).toMatchObject({ code: "no-links", message: "--link db:alias: Podman has no links" });
    // Now that it is known, nothing is created.
    expect(await s.runDetached()).toMatchObject({ code: "no-links" });
    expect(s.routes).toEqual([CREATE, "DELETE /libpod/containers/c"]);
  });

  test("is no matter on Docker", async () => {
    await using s = await scene({ options: { ...options, detach: true } });
    const create = s.engine.on(CREATE, 201, { Id: "c" });
    s.engine.on(START, 204);
    expect(await s.runDetached()).toBe("c");
    expect((await create).body.HostConfig.Links).toEqual(["db:alias"]);
  });
});
