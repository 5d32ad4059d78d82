import { describe, expect, test } from "vitest";
import type { PullProgress } from "../../../src/engine/image-types.ts";
import { listImages, pullImage } from "../../../src/engine/images.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const transportTo = (socketPath: string) => openTransport(() => ({ socketPath, from: "--host" }));

test("images are listed by a reference, which may be a pattern", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  const found = [{ Id: "sha256:1", RepoTags: ["oneoff/a:latest"] }];
  engine.on("GET /images/json", 200, found);
  expect(await listImages(transport, "oneoff/*:latest")).toEqual(found);
  expect(engine.requests[0]?.query).toEqual({ filters: '{"reference":["oneoff/*:latest"]}' });
});

describe("what is pulled", () => {
  test.each<[string, object]>([
    ["name", { fromImage: "name", tag: "latest" }],
    ["name:tag", { fromImage: "name", tag: "tag" }],
    ["host:5000/name", { fromImage: "host:5000/name", tag: "latest" }],
    ["host:5000/a/name:v1", { fromImage: "host:5000/a/name", tag: "v1" }],
    ["name@sha256:0123", { fromImage: "name@sha256:0123" }],
    ["host:5000/name:v1@sha256:0123", { fromImage: "host:5000/name:v1@sha256:0123" }],
  ])("%s is one image, never all of its tags", async (image, query) => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    engine.on("POST /images/create", 200, "");
    await pullImage(transport, image, () => {});
    expect(engine.requests[0]?.query).toEqual(query);
  });
});

describe("a pull", () => {
  /** Pulls from an engine that sends these bytes and goes on as told. */
  const pull = async (end: (answer: { write(text: string): unknown; end(): void; destroy(): void }) => void) => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    const held = engine.on("POST /images/create");
    const seen: PullProgress[] = [];
    const pulling = pullImage(transport, "img", (progress) => seen.push(progress));
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

  test("tells its progress as it comes", async () => {
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

  test("that fails on the way fails with the engine's words, though the engine had said 200", async () => {
    const { seen, failure } = await pull((answer) => {
      answer.write('{"status":"Pulling"}\r\n{"errorDetail":{"message":"no"},"error":"manifest for img not found"}\r\n');
      answer.end();
    });
    expect(seen).toEqual([{ status: "Pulling" }]);
    expect(failure).toMatchObject({ code: "pull-failed", message: "Cannot pull img: manifest for img not found" });
  });

  test("that is cut off fails, and is no fault of oneoff's", { timeout: 2_000 }, async () => {
    const { failure } = await pull((answer) => {
      answer.write('{"status":"Pulling"}\r\n');
      answer.destroy();
    });
    expect(failure).toMatchObject({ name: "OneoffError" });
  });

  test("answered with what is no JSON fails, and is no fault of oneoff's", async () => {
    const { failure } = await pull((answer) => {
      answer.write("<h1>proxy</h1>\r\n");
      answer.end();
    });
    expect(failure).toMatchObject({ name: "OneoffError" });
  });

  test("that is refused at once fails with the engine's words", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    engine.on("POST /images/create", 404, { message: "pull access denied for img" });
    await expect(pullImage(transport, "img", () => {})).rejects.toMatchObject({
      status: 404,
      message: "pull access denied for img",
    });
  });
});
