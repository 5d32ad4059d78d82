import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { loadArchive } from "../../../../src/deploy/image/archive.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { Event } from "../../../../src/output/events.ts";
import { entriesOf, tarOf } from "../../../support/archive.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";
import { folder } from "../../../support/folder.ts";

const TAG = "oneoff/shop:loaded";
const CONFIG = "c".repeat(64);
const LAYER = Buffer.alloc(100_000, "layer");

/** An archive like `docker save` writes, with the index last. */
const saved = (...images: (readonly string[])[]) =>
  tarOf(
    [{ name: `${CONFIG}.json` }, "{}"],
    [{ name: "l/layer.tar" }, LAYER],
    [
      { name: "manifest.json" },
      JSON.stringify(
        images.map((RepoTags, at) => ({ Config: `${at}${CONFIG.slice(1)}.json`, RepoTags, Layers: ["l/layer.tar"] })),
      ),
    ],
    [{ name: "repositories" }, "{}"],
  );

const streamOf = (...texts: string[]) => texts.map((stream) => `${JSON.stringify({ stream })}\r\n`).join("");

/** Loads an archive. @param script prepares the answers of the engine. */
async function load(
  script: (engine: FakeEngine) => void,
  { from, selector }: { from?: string | Readable; selector?: string } = {},
) {
  await using engine = await fakeEngine({ version: "1.41" });
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.always("GET /version", 200, { Os: "linux", Arch: "amd64" });
  script(engine);
  const events: Event[] = [];
  const context = { engine: transport, report: (event: Event) => events.push(event) };
  const archive = { name: "app.tar", from: from ?? Readable.from([await saved(["shop:v7"])]) };
  const outcome = await loadArchive(context, archive, TAG, selector).then(
    (loaded) => ({ loaded, error: undefined }),
    (error) => ({ loaded: undefined, error }),
  );
  const loads = engine.requests.filter(({ path }) => path === "/images/load");
  const sent = loads[0]?.body && Buffer.isBuffer(loads[0].body) ? await entriesOf(loads[0].body) : [];
  return { ...outcome, events, loads, sent };
}

const accept = (engine: FakeEngine) => {
  engine.on("POST /images/load", 200, streamOf(`Loaded image: ${TAG}\n`));
  engine.on(`GET /images/${TAG}/json`, 200, { Id: "sha256:7" });
};

describe("loadArchive", () => {
  test("loads an image under the temporary tag with one request", async () => {
    const { loaded, events, loads, sent } = await load(accept);
    expect(loaded).toBe("sha256:7");
    expect(loads.map(({ line }) => line)).toEqual(["POST /images/load?quiet=1"]);
    expect(sent.map(({ header }) => header.name)).toEqual([`${CONFIG}.json`, "l/layer.tar", "manifest.json"]);
    expect(sent[1]?.text).toBe(LAYER.toString());
    expect(JSON.parse(sent[2]?.text ?? "")).toMatchObject([{ RepoTags: [`docker.io/${TAG}`] }]);
    expect(events.at(-1)).toMatchObject({ type: "progress", operation: "load", total: undefined, finished: true });
  });

  test("reports the total size of a file", async () => {
    const bytes = await saved(["a:1"]);
    await using here = await folder({ "app.tar": bytes });
    const { events } = await load(accept, { from: join(here.path, "app.tar") });
    expect(events.at(-1)).toEqual({
      type: "progress",
      operation: "load",
      total: bytes.length,
      current: bytes.length,
      finished: true,
    });
  });

  test("reads a pipe", async () => {
    await using here = await folder();
    const fifo = join(here.path, "fifo");
    execFileSync("mkfifo", [fifo]);
    const written = writeFile(fifo, await saved(["a:1"]));
    const { loaded } = await load(accept, { from: fifo });
    await written;
    expect(loaded).toBe("sha256:7");
  });

  test.each(["/dev/zero", "/dev/null"])("rejects the device %s", async (from) => {
    const { error, loads } = await load(() => {}, { from });
    expect(loads).toEqual([]);
    expect(error).toMatchObject({
      code: "unreadable",
      message: `--archive "${from}": not a regular file`,
      next: "use a regular file",
    });
  });

  test("decompresses an archive", async () => {
    const { sent } = await load(accept, { from: Readable.from([zstdCompressSync(await saved(["a:1"]))]) });
    expect(sent).toHaveLength(3);
  });

  test("loads one of several images", async () => {
    const from = () => saved(["a:1"], ["b:2"]).then((bytes) => Readable.from([bytes]));
    const { loaded, sent } = await load(accept, { from: await from(), selector: "b:2" });
    expect(loaded).toBe("sha256:7");
    expect(JSON.parse(sent[2]?.text ?? "")).toMatchObject([{ Config: `1${CONFIG.slice(1)}.json` }]);
    const unknown = await load((engine) => engine.always("POST /images/load", 200, ""), { from: await from() });
    expect(unknown.error).toMatchObject({
      code: "not-one-image",
      message: "app.tar has several images: a:1, b:2",
      next: "oneoff deploy --archive app.tar --image a:1 …",
    });
  });
});

describe("an invalid archive", () => {
  const failing = (error: string) => (engine: FakeEngine) =>
    void engine.on("POST /images/load", 200, `${JSON.stringify({ error, errorDetail: { message: error } })}\r\n`);

  test.each<[what: string, engineError: string, message: string]>([
    [
      "truncated",
      "Error processing tar file(exit status 1): unexpected EOF",
      "The engine cannot load the archive: the archive is truncated",
    ],
    [
      "corrupted",
      "Error processing tar file(exit status 1): archive/tar: invalid tar header",
      "The engine cannot load the archive: archive/tar: invalid tar header",
    ],
    [
      "without an image",
      "open /var/lib/docker/tmp/docker-import-1/repositories: no such file or directory",
      "The archive has no image: expected the output of docker save",
    ],
  ])("explains the error of the engine for an archive that is %s", async (_what, engineError, message) => {
    const next = "docker save -o app.tar IMAGE";
    expect((await load(failing(engineError))).error).toMatchObject({ code: "load-failed", message, next });
  });

  test("explains a rejection by the engine", async () =>
    expect(
      (await load((engine) => engine.on("POST /images/load", 500, { message: "unexpected EOF" }))).error,
    ).toMatchObject({ code: "load-failed", message: "The engine cannot load the archive: the archive is truncated" }));

  test.each<[what: string, bytes: () => Promise<Buffer>, code: string, message: string]>([
    ["of zeros", async () => Buffer.alloc(5120), "not-one-image", "app.tar has no image"],
    ["without an index", () => tarOf([{ name: "x" }, "x"]), "not-one-image", "app.tar has no image"],
    [
      "of text",
      async () => Buffer.alloc(5000, "text"),
      "load-failed",
      "The engine cannot load the archive: Invalid tar header. Maybe the tar is corrupted or it needs to be gunzipped?",
    ],
    [
      "that is truncated",
      async () => (await saved(["a:1"])).subarray(0, 50_000),
      "load-failed",
      "The engine cannot load the archive: the archive is truncated",
    ],
    [
      "with a large index",
      () => tarOf([{ name: "manifest.json" }, Buffer.alloc(17 * 1024 * 1024, " ")]),
      "load-failed",
      "app.tar is not an image archive: invalid manifest.json",
    ],
    [
      "that is truncated and compressed",
      async () => zstdCompressSync(await saved(["a:1"])).subarray(0, -3),
      "load-failed",
      "Cannot decompress app.tar: unexpected end of file",
    ],
  ])("rejects an archive %s", async (_what, bytes, code, message) => {
    const { error } = await load((engine) => engine.always("POST /images/load", 200, ""), {
      from: Readable.from([await bytes()]),
    });
    expect(error).toMatchObject({ code, message });
  });

  test("rejects a missing file and a folder", async () => {
    await using here = await folder();
    expect((await load(() => {}, { from: join(here.path, "nonesuch") })).error).toMatchObject({
      code: "unreadable",
      message: `--archive "${here.path}/nonesuch": no such file`,
    });
    expect((await load(() => {}, { from: here.path })).error).toMatchObject({
      message: `--archive "${here.path}": is a folder`,
    });
  });
});
