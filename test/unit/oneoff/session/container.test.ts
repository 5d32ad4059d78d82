import { describe, expect, test } from "vitest";
import { CREATE, PULL, running, START, scene } from "../../../support/session-scene.ts";

describe("a container name that is in use", () => {
  const taken = { message: 'Conflict. The container name "/x" is already in use by container "abc".' };

  test("tries another name, also as hostname, when a name is in use", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 409, taken);
    s.engine.on(CREATE, 409, taken);
    const { code, socket, exit } = await running(s);
    socket.end();
    exit(0);
    expect(await code).toBe(0);
    const created = s.engine.requests.filter(({ path }) => path === "/containers/create");
    expect(created.map(({ query, body }) => [query.name, body.Env, body.Labels["dev.oneoff.name"]])).toEqual([
      ["my-app.run.1000", ["DYNO=run.1000"], "run.1000"],
      ["my-app.run.2125", ["DYNO=run.2125"], "run.2125"],
      ["my-app.run.3250", ["DYNO=run.3250"], "run.3250"],
    ]);
  });

  test("fails when the name chosen by the user is in use", async () => {
    await using s = await scene({ options: { name: "mine" } });
    s.engine.on(CREATE, 409, taken);
    expect(await s.run()).toMatchObject({
      code: "name-taken",
      message: 'Container "mine" already exists',
      next: "use another --name, or remove --name",
    });
    expect(s.engine.requests[0]?.query).toEqual({ name: "mine" });
  });

  test("does not take another conflict for a name in use", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 409, { message: "conflict: volume name must be unique" });
    expect(await s.run()).toMatchObject({ status: 409, message: "conflict: volume name must be unique" });
  });
});

describe("an image that is not found", () => {
  const missing = { message: "No such image: img:latest" };

  test("pulls a missing image when requested, then creates the container", async () => {
    await using s = await scene({ pull: "missing" });
    s.engine.on(CREATE, 404, missing);
    s.engine.on(PULL, 200, '{"status":"Pulling from img"}\r\n{"status":"Downloading","id":"abc"}\r\n');
    const { code, socket, exit } = await running(s);
    socket.end();
    exit(0);
    expect(await code).toBe(0);
    expect(s.routes.slice(0, 3)).toEqual([CREATE, PULL, CREATE]);
    expect(s.events).toEqual([{ type: "pull", image: "img", status: "Pulling from img" }]);
  });

  test("does not pull a missing image by default", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 404, missing);
    expect(await s.run()).toMatchObject({ status: 404, message: "No such image: img:latest" });
  });

  test("does not pull when something other than the image is missing", async () => {
    await using s = await scene({ pull: "missing" });
    s.engine.on(CREATE, 404, { message: "network backend not found" });
    expect(await s.run()).toMatchObject({ message: "network backend not found" });
  });

  test("creates nothing when the pull fails", async () => {
    await using s = await scene({ pull: "missing" });
    s.engine.on(CREATE, 404, missing);
    s.engine.on(PULL, 200, '{"error":"manifest unknown"}\r\n');
    expect(await s.run()).toMatchObject({ code: "pull-failed", message: "Cannot pull img: manifest unknown" });
  });

  test("pulls first with --pull always", async () => {
    await using s = await scene({ pull: "always" });
    s.engine.on(PULL, 200, "");
    const { code, socket, exit } = await running(s);
    socket.end();
    exit(0);
    expect(await code).toBe(0);
    expect(s.routes.slice(0, 2)).toEqual([PULL, CREATE]);
  });
});

test("reports warnings of the engine on create", async () => {
  await using s = await scene();
  s.engine.on(CREATE, 201, { Id: "c", Warnings: ["no swap limit support", "no cpu quota"] });
  s.engine.on(START, 204);
  expect(await s.runDetached()).toBe("c");
  expect(s.events.slice(0, 2)).toEqual([
    { type: "warning", message: "no swap limit support" },
    { type: "warning", message: "no cpu quota" },
  ]);
});

test("uses Podman's log driver when the engine turns out to be Podman", async () => {
  await using s = await scene({ options: { detach: true }, server: "Libpod/5.8.6 (linux)" });
  s.engine.on(CREATE, 500, { message: "running container create option: invalid log driver: invalid argument" });
  s.engine.on(CREATE, 201, { Id: "c" });
  s.engine.on(START, 204);
  expect(await s.runDetached()).toBe("c");
  const created = s.engine.requests.filter(({ path }) => path === "/containers/create");
  expect(created.map(({ body }) => body.HostConfig.LogConfig.Type)).toEqual(["local", "json-file"]);
});
