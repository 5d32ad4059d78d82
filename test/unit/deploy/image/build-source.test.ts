import { describe, expect, test } from "vitest";
import { type BuildOptions, buildSource, maskProxies } from "../../../../src/deploy/image/build-source.ts";
import { openSource } from "../../../../src/deploy/image/source.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { Event } from "../../../../src/output/events.ts";
import { entriesOf } from "../../../support/archive.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";
import { folder } from "../../../support/folder.ts";

const options: BuildOptions = { args: new Map(), noCache: false, pull: false };
const DONE = `${JSON.stringify({ stream: "Step 1/1 : FROM a\n" })}\n${JSON.stringify({ aux: { ID: "sha256:made" } })}\n`;
const ABSENT = { message: "No such image" };

/** Builds a folder. @param script prepares the answers of the engine. */
async function build(
  files: Record<string, string>,
  script: (engine: FakeEngine) => void,
  more: Partial<BuildOptions> = {},
) {
  await using here = await folder(files);
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.always("GET /version", 200, { Os: "linux", Arch: "amd64" });
  script(engine);
  const events: Event[] = [];
  const context = { engine: transport, report: (event: Event) => events.push(event) };
  const outcome = await buildSource(context, openSource(here.path), { ...options, ...more }).then(
    ({ image }) => ({ image, error: undefined }),
    (error) => ({ image: undefined, error }),
  );
  const withoutProgress = events.filter(({ type }) => type !== "progress");
  const lines = engine.lines.filter((line) => line !== "GET /version");
  return {
    ...outcome,
    events: withoutProgress,
    lines,
    path: here.path,
    bodies: engine.requests.map(({ body }) => body),
  };
}

test("builds with BuildKit if the engine has all base images", async () => {
  const { image, lines, events, bodies } = await build({ Dockerfile: "FROM a:1\n", x: "" }, (engine) => {
    engine.on("GET /images/a:1/json", 200, { Id: "sha256:a" });
    engine.on("POST /build", 200, DONE);
  });
  expect(image).toBe("sha256:made");
  expect(lines).toEqual(["GET /images/a:1/json", "POST /build?version=2&dockerfile=Dockerfile&rm=1&forcerm=1"]);
  expect(events).toEqual([{ type: "build-step", step: "[1/1] FROM a", cached: false }]);
  expect((await entriesOf(bodies.at(-1))).map(({ header }) => header.name)).toEqual(["Dockerfile", "x"]);
});

describe("missing base images", () => {
  test("lists missing base images with their lines before the upload", async () => {
    const { error, lines, path } = await build(
      { Dockerfile: "FROM a:1 AS x\nFROM b\nCOPY --from=x / /\nCOPY --from=c:3 / /\n" },
      (engine) => {
        engine.on("GET /images/a:1/json", 404, ABSENT);
        engine.on("GET /images/b/json", 200, { Id: "sha256:b" });
        engine.on("GET /images/c:3/json", 404, ABSENT);
      },
    );
    expect(error).toMatchObject({
      code: "missing-image",
      message: `${path}/Dockerfile:1: image "a:1" not found locally\n${path}/Dockerfile:4: image "c:3" not found locally\nuse --pull to pull missing images`,
      next: "oneoff deploy --pull …, or load them: docker load -i image.tar",
    });
    expect(lines.filter((line) => line.startsWith("POST"))).toEqual([]);
  });

  test("suggests a Dockerfile without # syntax= if the frontend is missing", async () => {
    const { error, path } = await build({ Dockerfile: "# syntax=docker/dockerfile:1\nFROM scratch\n" }, (engine) =>
      engine.on("GET /images/docker/dockerfile:1/json", 404, ABSENT),
    );
    expect(error).toMatchObject({
      message: `${path}/Dockerfile:1: image "docker/dockerfile:1" not found locally\nuse --pull to pull missing images`,
      next: expect.stringContaining('or remove "# syntax=" from the Dockerfile'),
    });
  });

  test("pulls missing base images before the build with --pull", async () => {
    const { image, lines } = await build(
      { Dockerfile: "FROM a:1\nCOPY --from=registry.example/b / /\n" },
      (engine) => {
        engine.on("GET /images/a:1/json", 200, { Id: "sha256:a" });
        engine.on("GET /images/registry.example/b/json", 404, ABSENT);
        engine.on("POST /images/create", 200, "");
        engine.on("POST /build", 200, DONE);
      },
      { pull: true },
    );
    expect(image).toBe("sha256:made");
    expect(lines.filter((line) => line.startsWith("POST"))).toEqual([
      "POST /images/create?fromImage=registry.example%2Fb&tag=latest",
      "POST /build?version=2&dockerfile=Dockerfile&rm=1&forcerm=1",
    ]);
  });

  test("does not check images that the target does not need", async () => {
    const { image } = await build(
      { Dockerfile: "FROM a AS x\nFROM b AS y\n" },
      (engine) => {
        engine.on("GET /images/a/json", 200, { Id: "sha256:a" });
        engine.on("POST /build", 200, DONE);
      },
      { target: "x" },
    );
    expect(image).toBe("sha256:made");
  });

  test("throws an error of the engine while checking base images", async () => {
    const { error } = await build({ Dockerfile: "FROM a\n" }, (engine) =>
      engine.on("GET /images/a/json", 500, { message: "no space left on device" }),
    );
    expect(error).toMatchObject({ code: "engine-refused", message: "no space left on device" });
  });
});

describe("build secrets", () => {
  test("rejects required secrets before any request", async () => {
    const { error, lines, path } = await build(
      { Dockerfile: "FROM a\nRUN --mount=type=secret,id=npm,required \\\n --mount=type=ssh,required=true x\n" },
      () => {},
    );
    expect(error).toMatchObject({
      code: "no-build-secrets",
      message: `${path}/Dockerfile:2: RUN requires the secret "npm"\n${path}/Dockerfile:2: RUN requires the SSH agent "default"\noneoff does not pass secrets or an SSH agent to builds`,
      next: "docker build --secret … or --ssh … -t IMAGE ., then oneoff deploy --image IMAGE …",
    });
    expect(lines).toEqual([]);
  });

  test("warns of optional secrets, and builds with an empty session", async () => {
    const { image, events, lines, path } = await build(
      { Dockerfile: "FROM scratch\nRUN --mount=type=secret,id=npm x\n" },
      (engine) => {
        engine.on("POST /session", 404, { message: "page not found" });
        engine.on("POST /build", 200, DONE);
      },
    );
    expect(image).toBe("sha256:made");
    expect(lines[0]).toBe("POST /session");
    expect(events[0]).toEqual({
      type: "warning",
      message: `${path}/Dockerfile:2: RUN does not get the secret "npm": oneoff does not pass secrets or an SSH agent to builds (docker build --secret …, then oneoff deploy --image …)`,
    });
  });
});

/** Large enough for a session. */
const BULKY = { Dockerfile: "FROM scratch\n", x: "x".repeat(16_000_000) };

test.each([
  [404, "page not found"],
  [403, "forbidden"],
])("sends a large context as an archive if sessions are refused with %i", async (status, message) => {
  const { image, events, lines, bodies } = await build(BULKY, (engine) => {
    engine.on("POST /session", status, { message });
    engine.on("POST /build", 200, DONE);
  });
  expect([image, events.map(({ type }) => type)]).toEqual(["sha256:made", ["build-step"]]);
  expect(lines).toEqual(["POST /session", "POST /build?version=2&dockerfile=Dockerfile&rm=1&forcerm=1"]);
  expect((await entriesOf(bodies.at(-1))).map(({ header }) => header.name)).toEqual(["Dockerfile", "x"]);
});

test("a refused session is an error if the Dockerfile is ignored", async () => {
  const { error } = await build(
    { Dockerfile: "FROM scratch\n", ".dockerignore": "Dockerfile\n" },
    (engine) => void engine.on("POST /session", 403, { message: "forbidden" }),
  );
  expect(error).toMatchObject({ code: "engine-refused", message: "forbidden" });
});

test("sends a large context as an archive, without a warning, if BuildKit rejects its names", async () => {
  const rejection = `${JSON.stringify({ error: "grpc: string field contains invalid UTF-8" })}\n`;
  const { image, events, lines } = await build(BULKY, (engine) => {
    void engine.on("POST /session").then((session) => session.upgrade());
    engine.on("POST /build", 200, rejection);
    engine.on("POST /build", 200, DONE);
  });
  expect(image).toBe("sha256:made");
  expect(lines.map((line) => /remote=client-session/.test(line))).toEqual([false, true, false]);
  expect(events.map(({ type }) => type)).toEqual(["build-step"]);
});

test("sends a large context of many files as an archive, because a session keeps all of them in memory", async () => {
  const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`${n}`, ""]));
  const { lines } = await build({ ...BULKY, ...many }, (engine) => void engine.on("POST /build", 200, DONE));
  expect(lines).toEqual(["POST /build?version=2&dockerfile=Dockerfile&rm=1&forcerm=1"]);
});

test("sends an archive if BuildKit rejects names that are not UTF-8", async () => {
  const rejection = `${JSON.stringify({ error: "grpc: string field contains invalid UTF-8" })}\n`;
  const { image, events, lines, bodies } = await build(
    { Dockerfile: "FROM scratch\n", ".dockerignore": "Dockerfile\n" },
    (engine) => {
      void engine.on("POST /session").then((session) => session.upgrade());
      engine.on("POST /build", 200, rejection);
      engine.on("POST /build", 200, DONE);
    },
  );
  expect(image).toBe("sha256:made");
  expect(lines.map((line) => /remote=client-session/.test(line))).toEqual([false, true, false]);
  expect(events[0]).toMatchObject({ type: "warning", message: expect.stringContaining("sent as an archive") });
  expect((await entriesOf(bodies.at(-1))).map(({ header }) => header.name)).toEqual([".dockerignore", "Dockerfile"]);
});

describe("classic builder", () => {
  test("builds with the classic builder on an engine without BuildKit", async () => {
    const files = { Dockerfile: "FROM a AS x\nFROM scratch\n", ".dockerignore": "*\n" };
    const { image, lines, bodies } = await build(files, (engine) => {
      engine.on("POST /session", 404, { message: "page not found" });
      engine.on("POST /build", 400, { message: "buildkit is not supported by daemon" });
      engine.on("GET /images/a/json", 200, { Id: "sha256:a" });
      engine.on("POST /build", 200, DONE);
    });
    expect(image).toBe("sha256:made");
    expect(lines).toEqual([
      "POST /session",
      "POST /build?version=2&dockerfile=Dockerfile&rm=1&forcerm=1",
      "GET /images/a/json",
      "POST /build?version=1&dockerfile=Dockerfile&rm=1&forcerm=1",
    ]);
    expect((await entriesOf(bodies.at(-1))).map(({ header }) => header.name)).toEqual(["Dockerfile", ".dockerignore"]);
  });

  test("does not retry a rejected build with the classic builder", async () => {
    const { error } = await build({ Dockerfile: "FROM scratch\n" }, (engine) =>
      engine.on("POST /build", 400, { message: "unknown flag: mount" }),
    );
    expect(error).toMatchObject({ code: "build-failed" });
  });
});

test("masks passwords of proxies", () => {
  const mask = maskProxies(
    new Map([
      ["https_proxy", "http://me:p%40ss@proxy:1"],
      ["OTHER", "http://me:visible@host"],
    ]),
  );
  expect(mask("https_proxy=http://me:p%40ss@proxy:1 decoded p@ss")).toBe(
    "https_proxy=http://me:***@proxy:1 decoded ***",
  );
  expect(mask("http://me:visible@host")).toBe("http://me:visible@host");
});
