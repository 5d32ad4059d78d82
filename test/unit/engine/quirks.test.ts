import { expect, test } from "vitest";
import { inspectContainer, listContainers, removeContainer, stopContainer } from "../../../src/engine/containers.ts";
import { openDownload } from "../../../src/engine/download.ts";
import { containerEvents } from "../../../src/engine/events.ts";
import { importNothing } from "../../../src/engine/image-tags.ts";
import { inspectImage, listImages, loadImages } from "../../../src/engine/images.ts";
import { quirksOf, withQuirks } from "../../../src/engine/quirks.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const PODMAN = "Libpod/5.8.6 (linux)";

const podman = async () => {
  const engine = await fakeEngine({ server: PODMAN });
  return { engine, transport: openTransport(() => ({ socketPath: engine.socketPath, from: "--host" })) };
};

test.each([
  ["Docker/28.5.2 (linux)", "docker"],
  [PODMAN, "podman"],
  ["libpod/4.3.1 (linux)", "podman"],
  ["nginx", "docker"],
  [undefined, "docker"],
])("maps the server %s to %s", (server, name) => expect(quirksOf(server).name).toBe(name));

test("assumes Docker until the engine has answered, without a request", async () => {
  const { engine, transport } = await podman();
  expect(transport.quirks.name).toBe("docker");
  engine.on("GET /_ping", 200, "OK");
  await (await transport.send({ method: "GET", path: "/_ping" })).drop();
  expect(transport.quirks.name).toBe("podman");
  expect(engine.lines).toEqual(["GET /_ping"]);
});

test("recognizes the engine by an answer on a separate connection, also a rejection", async () => {
  const { engine, transport } = await podman();
  engine.on("GET /logs", 404, { message: "no" });
  await expect(openDownload(transport, { path: "/logs" })).rejects.toThrow("no");
  expect(transport.quirks.name).toBe("podman");
});

test("retries a request that an engine of another kind rejects", async () => {
  const { engine, transport } = await podman();
  engine.on("GET /x", 500, { message: "unknown state" });
  engine.on("GET /x", 200, "found");
  const asked: string[] = [];
  const ask = ({ name }: { name: string }) => {
    asked.push(name);
    return transport.send({ method: "GET", path: "/x" });
  };
  expect(await (await withQuirks(transport, ask)).stream.text()).toBe("found");
  expect(asked).toEqual(["docker", "podman"]);
  engine.on("GET /x", 500, { message: "again" });
  await expect(withQuirks(transport, ask)).rejects.toThrow("again");
});

test("maps Podman's states to Docker's", async () => {
  const { engine, transport } = await podman();
  const states = ["created", "initialized", "running", "stopping", "stopped", "exited", "removing"];
  const seen = ["created", "created", "running", "running", "exited", "exited", "removing"];
  engine.on(
    "GET /containers/json",
    200,
    states.map((State) => ({ Id: "c", State })),
  );
  expect((await listContainers(transport, {})).map(({ State }) => State)).toEqual(seen);
  engine.on("GET /containers/c/json", 200, { State: { Status: "initialized", Running: false } });
  expect((await inspectContainer(transport, "c")).State).toEqual({ Status: "created", Running: false });
});

test("omits variables that the engine adds to every container", async () => {
  const { engine, transport } = await podman();
  engine.on("GET /containers/c/json", 200, {
    Config: {
      Hostname: "web",
      Env: ["A=b", "container=podman", "TERM=vt100", "HOME=/root", "HOSTNAME=web", "HOSTNAME=x"],
    },
  });
  expect((await inspectContainer(transport, "c")).Config.Env).toEqual(["A=b", "TERM=vt100", "HOSTNAME=x"]);
});

test("omits a health check without a status", async () => {
  const { engine, transport } = await podman();
  engine.on("GET /containers/c/json", 200, { State: { Running: true, Health: { Status: "", Log: null } } });
  expect((await inspectContainer(transport, "c")).State).toEqual({ Running: true });
});

test("maps an invalid container state to a conflict", async () => {
  const { engine, transport } = await podman();
  const message = "can only create exec sessions on running containers: container state improper";
  engine.on("POST /containers/c/exec", 500, { message });
  const request = { method: "POST", path: "/containers/c/exec" } as const;
  await expect(transport.send(request)).rejects.toMatchObject({ status: 409, reason: message });
});

test("reports a container that Podman is removing as not found", async () => {
  const { engine, transport } = await podman();
  const message = "no container with ID c0ffee found in database: no such container";
  engine.on("DELETE /containers/c", 500, { message });
  await expect(removeContainer(transport, "c")).rejects.toMatchObject({ status: 404 });
  const another = "cannot get namespace path unless container c0ffee is running: no such container";
  engine.on("POST /containers/c/stop", 500, { message: another });
  await expect(stopContainer(transport, "c", 3)).rejects.toMatchObject({ status: 500 });
});

test("unpauses a container before the stop, if required", async () => {
  const { engine, transport } = await podman();
  const message = "container c is running or paused, refusing to clean up: container state improper";
  engine.on("POST /containers/c/stop", 500, { message });
  engine.on("POST /containers/c/unpause", 204);
  engine.on("POST /containers/c/stop", 204);
  await stopContainer(transport, "c", 3);
  expect(engine.lines).toEqual([
    "POST /containers/c/stop?t=3",
    "POST /containers/c/unpause",
    "POST /containers/c/stop?t=3",
  ]);
});

test("requests events by the names of all engines, and returns Docker's names", async () => {
  const { engine, transport } = await podman();
  const told = ["start", "died", "remove"].map((Action) => JSON.stringify({ Action, Actor: { ID: "c" } }));
  const events = engine.on("GET /events", 200, told.join("\n"));
  const telling = await containerEvents(transport, { label: ["a=b"], event: ["die", "destroy"] });
  const query = new URL((await events).line.split(" ")[1] as string, "http://engine").searchParams;
  expect(JSON.parse(query.get("filters") as string).event).toEqual(["die", "died", "destroy", "remove"]);
  const actions: string[] = [];
  const heard = async () => {
    for await (const { Action } of telling) actions.push(Action);
  };
  await expect(heard()).rejects.toThrow("it closed the connection");
  expect(actions).toEqual(["start", "die", "destroy"]);
});

test("maps Podman's ulimits to Docker's names", async () => {
  const { engine, transport } = await podman();
  const HostConfig = { Ulimits: [{ Name: "RLIMIT_NOFILE", Soft: 1, Hard: 2 }], ReadonlyRootfs: true };
  engine.on("GET /containers/c/json", 200, { Id: "c", HostConfig });
  const told = (await inspectContainer(transport, "c")).HostConfig;
  expect(told).toEqual({ Ulimits: [{ Name: "nofile", Soft: 1, Hard: 2 }], ReadonlyRootfs: true });
});

test.each([
  'reading image "1": locating image with ID "1": image not known',
  "runtime error: invalid memory address or nil pointer dereference",
])("repeats a list that fails during the removal of an image, a limited number of times: %s", async (message) => {
  const { engine, transport } = await podman();
  engine.on("GET /images/json", 500, { message });
  engine.on("GET /images/json", 200, [{ Id: "sha256:1", RepoTags: ["a:1"] }]);
  expect(await listImages(transport)).toEqual([{ Id: "sha256:1", RepoTags: ["a:1"] }]);
  engine.on("GET /images/i/json", 500, { message });
  engine.on("GET /images/i/json", 200, { Id: "sha256:1" });
  engine.on("GET /libpod/images/sha256:1/json", 500, { message });
  engine.on("GET /libpod/images/sha256:1/json", 200, {});
  expect((await inspectImage(transport, "i")).Id).toBe("sha256:1");
  for (let reads = 0; reads < 10; reads += 1) engine.on("GET /images/i/json", 500, { message });
  await expect(inspectImage(transport, "i")).rejects.toThrow(message);
});

test("retries an image whose name another client moves, a limited number of times", async () => {
  const { engine, transport } = await podman();
  const route = "POST /images/create";
  const refusal = { message: "failed to create an image x:1: AlreadyExists: already exists" };
  engine.on(route, 500, refusal);
  engine.on(route, 200, "");
  await importNothing(transport, "x:1", "LABEL a=b");
  expect(engine.lines[1]).toBe("POST /images/create?fromSrc=-&repo=x%3A1&changes=LABEL%20a%3Db");
  for (let tries = 0; tries < 5; tries += 1) engine.on(route, 500, refusal);
  await expect(importNothing(transport, "x:1")).rejects.toThrow("AlreadyExists");
});

test("returns only the requested tags of a Podman image, under the requested names", async () => {
  const { engine, transport } = await podman();
  const RepoTags = [
    ...["docker.io/oneoff/a:v1", "docker.io/oneoff/a:latest", "docker.io/library/busybox:local"],
    ...["localhost/oneoff/b:v2", "example.com/oneoff/a:v3"],
  ];
  const tags = async (reference: string) => {
    engine.on("GET /images/json", 200, [{ Id: "sha256:1", RepoTags }]);
    return (await listImages(transport, reference))[0]?.RepoTags;
  };
  expect(await tags("oneoff/a:v*")).toEqual(["oneoff/a:v1"]);
  expect(await tags("oneoff/*:v*")).toEqual(["oneoff/a:v1", "oneoff/b:v2"]);
  expect(await tags("oneoff/a")).toEqual(["oneoff/a:v1", "oneoff/a:latest"]);
  expect(await tags("busybox:local")).toEqual(["busybox:local"]);
});

test("returns the image of a Podman container as it was requested", async () => {
  const { engine, transport } = await podman();
  const images = ["docker.io/library/busybox:local", "docker.io/oneoff/a:v1", "localhost/a:1", "example.com/a:1", ""];
  engine.on(
    "GET /containers/json",
    200,
    images.map((Image) => ({ Id: "c", Image, State: "running" })),
  );
  const given = (await listContainers(transport, {})).map(({ Image }) => Image);
  expect(given).toEqual(["busybox:local", "oneoff/a:v1", "a:1", "example.com/a:1", ""]);
});

test("reads the health check of a Podman image from Podman's own field", async () => {
  const { engine, transport } = await podman();
  const Healthcheck = { Test: ["CMD", "true"] };
  engine.on("GET /images/i/json", 200, { Id: "sha256:1", Config: { User: "app" } });
  engine.on("GET /libpod/images/sha256:1/json", 200, { Healthcheck });
  expect((await inspectImage(transport, "i")).Config).toEqual({ User: "app", Healthcheck });
  engine.on("GET /images/i/json", 200, { Id: "sha256:1", Config: { User: "app" } });
  engine.on("GET /libpod/images/sha256:1/json", 200, {});
  expect((await inspectImage(transport, "i")).Config).toEqual({ User: "app" });
});

test("reports images that Podman has loaded one by one, by short names", async () => {
  const { engine, transport } = await podman();
  engine.on("POST /images/load", 200, { stream: "Loaded image: docker.io/library/a:1,localhost/b:2" });
  const archive = async function* () {
    yield Buffer.alloc(1024);
  };
  expect(await loadImages(transport, archive)).toEqual(["a:1", "b:2"]);
});

test.each([
  [PODMAN, "DELETE /libpod/containers/c?force=1&timeout=0&volumes=1", "DELETE /libpod/containers/c?volumes=1"],
  ["Docker/28.5.2 (linux)", "DELETE /containers/c?force=1&v=1", "DELETE /containers/c?v=1"],
])("kills a container on %s at once to remove it, or spares it", async (server, killed, spared) => {
  await using engine = await fakeEngine({ server });
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  transport.recognize(server);
  for (const line of [killed, spared]) engine.on(line.replace(/\?.*/, ""), 200, []);
  await removeContainer(transport, "c");
  await removeContainer(transport, "c", "spare");
  expect(engine.lines).toEqual([killed, spared]);
});

test.each([
  ["1363189089.123456789", "2013-03-13T15:38:09.123456789Z", "1363189089.123456789"],
  ["1363189089", "2013-03-13T15:38:09.0Z", "1363189089"],
])("requests Podman's logs since %s without losing lines", (time, podmans, dockers) => {
  expect([quirksOf(PODMAN).logTime(time), quirksOf(undefined).logTime(time)]).toEqual([podmans, dockers]);
});
