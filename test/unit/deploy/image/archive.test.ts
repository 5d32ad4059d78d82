import { join } from "node:path";
import { Readable } from "node:stream";
import { zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loadArchive } from "../../../../src/deploy/image/archive.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { Event } from "../../../../src/output/events.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";
import { folder } from "../../../support/folder.ts";

const BYTES = Buffer.alloc(100_000, "tar");

const says = (...texts: string[]) => texts.map((stream) => `${JSON.stringify({ stream })}\r\n`).join("");

/** Loads an archive, with an engine that answers as `script` says. */
async function load(
  script: (engine: FakeEngine) => void,
  { from = Readable.from([BYTES]), wanted }: { from?: string | Readable; wanted?: string } = {},
) {
  await using engine = await fakeEngine({ version: "1.41" });
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.always("GET /version", 200, { Os: "linux", Arch: "amd64" });
  script(engine);
  const events: Event[] = [];
  const context = { engine: transport, report: (event: Event) => events.push(event) };
  const outcome = await loadArchive(context, { name: "app.tar", from }, wanted).then(
    (loaded) => ({ loaded, error: undefined }),
    (error) => ({ loaded: undefined, error }),
  );
  const loads = engine.requests.filter(({ path }) => path === "/images/load");
  return { ...outcome, events, loads };
}

const has = (engine: FakeEngine, name: string, Id: string) => engine.on(`GET /images/${name}/json`, 200, { Id });

describe("the image of an archive", () => {
  test("is brought to the engine, by one request, although it speaks an older API", async () => {
    const { loaded, events, loads } = await load((engine) => {
      engine.on("POST /images/load", 200, says("Loaded image: shop:v7\n"));
      has(engine, "shop:v7", "sha256:7");
    });
    expect(loaded).toEqual({ name: "shop:v7", imageId: "sha256:7" });
    expect(loads.map(({ line, body }) => [line, BYTES.equals(body)])).toEqual([["POST /images/load?quiet=1", true]]);
    expect(events.at(-1)).toEqual({ type: "progress", what: "load", total: undefined, done: 100_000, over: true });
  });

  test("comes from a file, of which is known how much it is", async () => {
    await using here = await folder({ "app.tar": BYTES });
    const { loads, events } = await load(
      (engine) => {
        engine.on("POST /images/load", 200, says("Loaded image: a\n"));
        has(engine, "a", "sha256:a");
      },
      { from: join(here.path, "app.tar") },
    );
    expect(BYTES.equals(loads[0]?.body)).toBe(true);
    expect(events.at(-1)).toEqual({ type: "progress", what: "load", total: 100_000, done: 100_000, over: true });
  });

  test("is decompressed here when an engine may not know how", async () => {
    const { loads } = await load(
      (engine) => {
        engine.on("POST /images/load", 200, says("Loaded image: a\n"));
        has(engine, "a", "sha256:a");
      },
      { from: Readable.from([zstdCompressSync(BYTES)]) },
    );
    expect(BYTES.equals(loads[0]?.body)).toBe(true);
  });

  test("may have no name", async () => {
    const { loaded } = await load((engine) => {
      engine.on("POST /images/load", 200, says("Loaded image ID: sha256:7\n"));
      has(engine, "sha256:7", "sha256:7");
    });
    expect(loaded).toEqual({ name: "sha256:7", imageId: "sha256:7" });
  });

  test("may have several", async () => {
    const { loaded } = await load((engine) => {
      engine.on("POST /images/load", 200, says("Loaded image: a:1\nLoaded image: a:2\n"));
      has(engine, "a:1", "sha256:7");
      has(engine, "a:2", "sha256:7");
    });
    expect(loaded).toEqual({ name: "a:1", imageId: "sha256:7" });
  });

  test("may take the name of another", async () => {
    const { loaded } = await load((engine) => {
      const renamed = "The image a:1 already exists, renaming the old one with ID sha256:0 to empty string\n";
      engine.on("POST /images/load", 200, says(renamed, "Loaded image: a:1\n"));
      has(engine, "a:1", "sha256:1");
    });
    expect(loaded).toEqual({ name: "a:1", imageId: "sha256:1" });
  });
});

describe("of several images", () => {
  const two = (engine: FakeEngine) => {
    engine.on("POST /images/load", 200, says("Loaded image: a:1\n", "Loaded image: b:2\n"));
    has(engine, "a:1", "sha256:a");
    has(engine, "b:2", "sha256:b");
  };

  test("none is chosen", async () =>
    expect((await load(two)).error).toMatchObject({
      code: "not-one-image",
      message: "app.tar has several images: a:1, b:2",
      next: "they are loaded now; name one: oneoff deploy --image a:1 …",
    }));

  test("the one that is asked for is", async () =>
    expect((await load(two, { wanted: "b:2" })).loaded).toEqual({ name: "b:2", imageId: "sha256:b" }));

  test("another one is not there", async () =>
    expect((await load(two, { wanted: "c" })).error).toMatchObject({
      code: "not-one-image",
      message: 'app.tar has no "c"; it has a:1, b:2',
    }));
});

describe("what is no archive of an image", () => {
  const failing = (error: string) => (engine: FakeEngine) =>
    void engine.on("POST /images/load", 200, `${JSON.stringify({ error, errorDetail: { message: error } })}\r\n`);

  test.each<[what: string, said: string, message: string, next?: string]>([
    [
      "one that is cut off",
      "Error processing tar file(exit status 1): unexpected EOF",
      "The engine cannot load the archive: it is cut off",
    ],
    [
      "one that is garbled",
      "Error processing tar file(exit status 1): archive/tar: invalid tar header",
      "The engine cannot load the archive: archive/tar: invalid tar header",
    ],
    [
      "one of something else",
      "open /var/lib/docker/tmp/docker-import-1/repositories: no such file or directory",
      "The archive has no image in it: it is not what docker save writes",
    ],
    [
      "one that the engine has no program for",
      'exec: "xz": executable file not found in $PATH',
      'The engine cannot load the archive: exec: "xz": executable file not found in $PATH',
      "unxz it first",
    ],
  ])("%s", async (_what, said, message, next = "docker save -o app.tar IMAGE makes one") => {
    expect((await load(failing(said))).error).toMatchObject({ code: "load-failed", message, next });
  });

  test("one that the engine refuses at once", async () =>
    expect(
      (await load((engine) => engine.on("POST /images/load", 500, { message: "unexpected EOF" }))).error,
    ).toMatchObject({ code: "load-failed", message: "The engine cannot load the archive: it is cut off" }));

  test("one that has nothing in it", async () =>
    expect((await load((engine) => engine.on("POST /images/load", 200, ""))).error).toMatchObject({
      code: "not-one-image",
      message: "app.tar has no image in it",
    }));

  test("one that is cut off within its compression", async () =>
    expect(
      (await load(() => {}, { from: Readable.from([zstdCompressSync(BYTES).subarray(0, -3)]) })).error,
    ).toMatchObject({
      code: "load-failed",
      message: "app.tar cannot be decompressed: unexpected end of file",
    }));

  test("no file, and a folder", async () => {
    await using here = await folder();
    expect((await load(() => {}, { from: join(here.path, "nonesuch") })).error).toMatchObject({
      code: "unreadable",
      message: `--archive "${here.path}/nonesuch": no such file`,
    });
    expect((await load(() => {}, { from: here.path })).error).toMatchObject({
      message: `--archive "${here.path}": it is a folder`,
    });
  });
});
