import { describe, expect, test } from "vitest";
import { CREATE, PULL, running, START, scene } from "../../../support/session-scene.ts";

describe("a name that is taken", () => {
  const taken = { message: 'Conflict. The container name "/x" is already in use by container "abc".' };

  test("is replaced by another, inside the container too", async () => {
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

  test("is an error when the user has chosen it", async () => {
    await using s = await scene({ options: { name: "mine" } });
    s.engine.on(CREATE, 409, taken);
    expect(await s.run()).toMatchObject({
      code: "name-taken",
      message: 'There is a container named "mine" already',
      next: "choose another --name, or leave it out",
    });
    expect(s.engine.requests[0]?.query).toEqual({ name: "mine" });
  });

  test("is not what every conflict is about", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 409, { message: "conflict: volume name must be unique" });
    expect(await s.run()).toMatchObject({ status: 409, message: "conflict: volume name must be unique" });
  });
});

describe("an image that is not there", () => {
  const missing = { message: "No such image: img:latest" };

  test("is pulled when that was asked for, and the container created after all", async () => {
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

  test("is not pulled otherwise", async () => {
    await using s = await scene();
    s.engine.on(CREATE, 404, missing);
    expect(await s.run()).toMatchObject({ status: 404, message: "No such image: img:latest" });
  });

  test("is not what else may be missing", async () => {
    await using s = await scene({ pull: "missing" });
    s.engine.on(CREATE, 404, { message: "network backend not found" });
    expect(await s.run()).toMatchObject({ message: "network backend not found" });
  });

  test("cannot be pulled: nothing is created", async () => {
    await using s = await scene({ pull: "missing" });
    s.engine.on(CREATE, 404, missing);
    s.engine.on(PULL, 200, '{"error":"manifest unknown"}\r\n');
    expect(await s.run()).toMatchObject({ code: "pull-failed", message: "Cannot pull img: manifest unknown" });
  });

  test("is pulled first when it is to be pulled always", async () => {
    await using s = await scene({ pull: "always" });
    s.engine.on(PULL, 200, "");
    const { code, socket, exit } = await running(s);
    socket.end();
    exit(0);
    expect(await code).toBe(0);
    expect(s.routes.slice(0, 2)).toEqual([PULL, CREATE]);
  });
});

test("what the engine warns of at create is told", async () => {
  await using s = await scene();
  s.engine.on(CREATE, 201, { Id: "c", Warnings: ["no swap limit support", "no cpu quota"] });
  s.engine.on(START, 204);
  expect(await s.runDetached()).toBe("c");
  expect(s.events.slice(0, 2)).toEqual([
    { type: "warning", message: "no swap limit support" },
    { type: "warning", message: "no cpu quota" },
  ]);
});

test("an engine that turns out to be Podman is asked for the log that it has", async () => {
  await using s = await scene({ options: { detach: true }, server: "Libpod/5.8.6 (linux)" });
  s.engine.on(CREATE, 500, { message: "running container create option: invalid log driver: invalid argument" });
  s.engine.on(CREATE, 201, { Id: "c" });
  s.engine.on(START, 204);
  expect(await s.runDetached()).toBe("c");
  const created = s.engine.requests.filter(({ path }) => path === "/containers/create");
  expect(created.map(({ body }) => body.HostConfig.LogConfig.Type)).toEqual(["local", "json-file"]);
});
