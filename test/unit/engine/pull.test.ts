import { describe, expect, test } from "vitest";
import type { PullProgress } from "../../../src/engine/image-types.ts";
import { pullImage } from "../../../src/engine/pull.ts";
import type { Credentials } from "../../../src/engine/registry.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { helperMissing } from "../../../src/errors/host.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const transportTo = (socketPath: string) => openTransport(() => ({ socketPath, from: "--host" }));

const none = async () => undefined;

describe("requests an image to pull", () => {
  test.each<[string, object]>([
    ["name", { fromImage: "name", tag: "latest" }],
    ["name:tag", { fromImage: "name", tag: "tag" }],
    ["host:5000/name", { fromImage: "host:5000/name", tag: "latest" }],
    ["host:5000/a/name:v1", { fromImage: "host:5000/a/name", tag: "v1" }],
    ["name@sha256:0123", { fromImage: "name@sha256:0123" }],
    ["host:5000/name:v1@sha256:0123", { fromImage: "host:5000/name:v1@sha256:0123" }],
  ])("requests one image for %s, never all of its tags", async (image, query) => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    engine.on("POST /images/create", 200, "");
    await pullImage(transport, image, none, () => {});
    expect(engine.requests[0]?.query).toEqual(query);
  });
});

describe("pulls an image", () => {
  /** Pulls from an engine that sends these bytes and then runs the given steps. */
  const pull = async (end: (answer: { write(text: string): unknown; end(): void; destroy(): void }) => void) => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    const held = engine.on("POST /images/create");
    const seen: PullProgress[] = [];
    const pulling = pullImage(transport, "img", none, (progress) => seen.push(progress));
    pulling.catch(() => {});
    end((await held).acknowledge());
    return {
      seen,
      failure: await pulling.then(
        () => undefined,
        (error) => error,
      ),
    };
  };

  test("reports progress while it arrives", async () => {
    const { seen, failure } = await pull((answer) => {
      answer.write('{"status":"Pulling from img","id":"latest"}\r\n{"status":"Down');
      answer.write('loading","id":"abc","progressDetail":{"current":1,"total":2}}\r\n\r\n');
      answer.write('{"status":"Done"}');
      answer.end();
    });
    expect(failure).toBeUndefined();
    expect(seen).toEqual([
      { status: "Pulling from img", id: "latest" },
      { status: "Downloading", id: "abc", progressDetail: { current: 1, total: 2 } },
      { status: "Done" },
    ]);
  });

  test("fails with the engine's message in a stream of status 200", async () => {
    const { seen, failure } = await pull((answer) => {
      answer.write('{"status":"Pulling"}\r\n{"errorDetail":{"message":"no"},"error":"manifest for img not found"}\r\n');
      answer.end();
    });
    expect(seen).toEqual([{ status: "Pulling" }]);
    expect(failure).toMatchObject({ code: "pull-failed", message: "Cannot pull img: manifest for img not found" });
  });

  test("reports a truncated pull as the engine's fault", { timeout: 2_000 }, async () => {
    const { failure } = await pull((answer) => {
      answer.write('{"status":"Pulling"}\r\n');
      answer.destroy();
    });
    expect(failure).toMatchObject({ name: "OneoffError" });
  });

  test("reports a pull answer that is not JSON as the engine's fault", async () => {
    const { failure } = await pull((answer) => {
      answer.write("<h1>proxy</h1>\r\n");
      answer.end();
    });
    expect(failure).toMatchObject({ name: "OneoffError" });
  });

  test("fails with the engine's message on a refused pull, and suggests how to log in", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    engine.on("POST /images/create", 404, { message: "pull access denied for img" });
    await expect(pullImage(transport, "img", none, () => {})).rejects.toMatchObject({
      code: "pull-failed",
      message: "Cannot pull img: pull access denied for img",
      next: "docker login",
    });
  });
});

describe("sends credentials", () => {
  const pull = async (image: string, credentials: Credentials, end: readonly [number, unknown] = [200, ""]) => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    const request = engine.on("POST /images/create", ...end);
    const failure = await pullImage(transport, image, credentials, () => {}).catch((error: unknown) => error);
    const { "x-registry-auth": header } = (await request).headers;
    return { failure, header: header && JSON.parse(Buffer.from(String(header), "base64url").toString()), raw: header };
  };

  test.each([
    ["img", "https://index.docker.io/v1/"],
    ["library/img:1", "https://index.docker.io/v1/"],
    ["docker.io/a/b", "https://index.docker.io/v1/"],
    ["localhost/img", "localhost"],
    ["localhost:5000/img:1", "localhost:5000"],
    ["registry.example/a/b@sha256:0123", "registry.example"],
  ])("looks up credentials for %s under %s", async (image, server) => {
    const asked: string[] = [];
    const credentials: Credentials = async (of) => {
      asked.push(of);
      return { username: "user", password: "pass?>word" };
    };
    const { header } = await pull(image, credentials);
    expect(asked).toEqual([server]);
    expect(header).toEqual({ username: "user", password: "pass?>word", serveraddress: server });
  });

  test("encodes credentials in base64url with padding", async () => {
    const { raw } = await pull("img", async () => ({ username: "??>", password: ">>>?" }));
    expect(raw).toMatch(/^[\w-]+={0,2}$/);
    expect(String(raw).length % 4).toBe(0);
  });

  test("sends an identity token, and nothing without credentials", async () => {
    expect((await pull("r.example/i", async () => ({ identitytoken: "t" }))).header).toEqual({
      identitytoken: "t",
      serveraddress: "r.example",
    });
    expect((await pull("img", none)).raw).toBeUndefined();
  });

  test("ignores failed credentials for a public image, and reports them otherwise", async () => {
    const broken: Credentials = async (server) => {
      throw helperMissing("docker-credential-x", server);
    };
    expect((await pull("r.example/i", broken)).failure).toBeUndefined();
    expect((await pull("r.example/i", broken, [500, { message: "no basic auth credentials" }])).failure).toMatchObject({
      message:
        "Cannot pull r.example/i: no basic auth credentials\ntried without credentials: Cannot read the credentials of r.example: docker-credential-x is not installed",
      next: "install docker-credential-x, or remove it from docker's config.json",
    });
  });
});
