import { appendFileSync, truncateSync, unlinkSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Secret, Upload } from "../../../../src/app/transfer.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import { planUploads } from "../../../../src/oneoff/files/plan-uploads.ts";
import { sendUploads } from "../../../../src/oneoff/files/upload.ts";
import type { Event } from "../../../../src/output/events.ts";
import { answerArchive, answerStat, entriesOf, tarOf } from "../../../support/archive.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";
import { folder } from "../../../support/folder.ts";

const INSPECT = "GET /containers/c/json";
const PUT = "PUT /containers/c/archive";
const files = { dump: "hello", "d/x": "1" };
const upload = (source: string, target = `/tmp/uploads/${source}`): Upload => ({ source, target });

/** Uploads to an engine that is scripted by `script`. */
async function send(
  uploads: readonly Upload[],
  script: (engine: FakeEngine, cwd: string) => void | Promise<void>,
  { secrets = [] as Secret[], signal = undefined as AbortSignal | undefined } = {},
) {
  await using here = await folder(files);
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const events: Event[] = [];
  const report = (event: Event) => events.push(event);
  const context = { cwd: here.path, env: { TOKEN: "hunter2" }, report, terminal: { stdin: process.stdin } };
  const plan = await planUploads(context, uploads, secrets);
  await script(engine, here.path);
  const error = await sendUploads({ engine: transport, report, signal }, { id: "c", name: "run.1" }, plan).then(
    () => undefined,
    (failure: OneoffError) => failure,
  );
  const puts = engine.requests.filter(({ method }) => method === "PUT");
  const archives = await Promise.all(
    puts.map(async ({ query, body }) => [
      query.path,
      (await entriesOf(body)).map(({ header, text }) => `${header.name} ${header.uid}:${header.gid} ${text}`.trim()),
    ]),
  );
  return { error, events, lines: [...engine.lines], archives };
}

const inspected = (User: string, HostConfig = {}) => ({ Config: { User }, HostConfig });

describe("an upload", () => {
  test("uploads one archive, owned by the one-off's user", async () => {
    const { error, archives, lines } = await send([upload("dump"), upload("d")], (engine) => {
      engine.on(INSPECT, 200, inspected("1000:100"));
      void answerStat(engine, { mode: 2 ** 31 });
      engine.on(PUT, 200);
    });
    expect(error).toBeUndefined();
    expect(archives).toEqual([
      [
        "/",
        [
          "tmp/uploads 1000:100",
          "tmp/uploads/dump 1000:100 hello",
          "tmp/uploads/d 1000:100",
          "tmp/uploads/d/x 1000:100 1",
        ],
      ],
    ]);
    expect(lines).toEqual([
      "GET /containers/c/json",
      "HEAD /containers/c/archive?path=%2Ftmp",
      "PUT /containers/c/archive?path=%2F&noOverwriteDirNonDir=1",
    ]);
  });

  test("reports sources and progress of an upload", async () => {
    const { events } = await send([upload("dump", "/app/x")], (engine) => {
      engine.on(INSPECT, 200, inspected("0:0"));
      engine.on(PUT, 200);
    });
    expect(events).toEqual([
      { type: "uploading", path: "dump", target: "run.1:/app/x", bytes: 5 },
      { type: "progress", operation: "upload", target: "run.1:/app/x", current: 5, total: 5 },
      { type: "progress", operation: "upload", target: "run.1:/app/x", current: 5, total: 5, finished: true },
    ]);
  });

  test("creates a missing /tmp with mode 1777", async () => {
    const { archives } = await send([upload("dump")], (engine) => {
      engine.on(INSPECT, 200, inspected("1:1"));
      void answerStat(engine, undefined);
      engine.on(PUT, 200);
    });
    expect(archives).toEqual([["/", ["tmp 0:0", "tmp/uploads 1:1", "tmp/uploads/dump 1:1 hello"]]]);
  });

  test("resolves the owner of an upload by name in the container", async () => {
    const { archives } = await send([upload("dump", "/app/x")], async (engine) => {
      engine.on(INSPECT, 200, inspected("app"));
      void answerStat(engine, {});
      void answerArchive(engine, await tarOf([{ name: "passwd" }, "app:x:1000:2000::/:\n"]));
      engine.on(PUT, 200);
    });
    expect(archives).toEqual([["/", ["app/x 1000:2000 hello"]]]);
  });

  test("uploads into the volumes of a read-only root", async () => {
    const secrets = [{ name: "TOKEN", file: undefined }];
    const Mounts = ["/tmp/uploads", "/run/secrets"].map((Target) => ({ Type: "volume", Target }));
    const script = (engine: FakeEngine) => {
      engine.on(INSPECT, 200, inspected("1:1", { ReadonlyRootfs: true, Mounts }));
      engine.on(PUT, 200);
      engine.on(PUT, 200);
    };
    const { archives, events } = await send([upload("dump")], script, { secrets });
    expect(archives).toEqual([
      ["/run/secrets", ["TOKEN 1:1 hunter2"]],
      ["/tmp/uploads", ["dump 1:1 hello"]],
    ]);
    expect(JSON.stringify(events)).not.toContain("hunter2");
  });

  test("sends no request without files", async () => {
    expect(await send([], () => {})).toMatchObject({ error: undefined, lines: [], events: [] });
  });
});

describe("a failed upload", () => {
  test("fails if a tmpfs would hide the upload", async () => {
    const { error, lines } = await send([upload("dump")], (engine) => {
      engine.on(INSPECT, 200, inspected("", { Tmpfs: { "/tmp": "" } }));
    });
    expect(error).toMatchObject({
      code: "hidden-folder",
      message: 'Cannot upload to "/tmp/uploads" in the one-off: it is a tmpfs, which the engine cannot access',
    });
    expect(lines).toHaveLength(1);
  });

  test("fails if the engine refuses the upload", async () => {
    const { error, events } = await send([upload("dump", "/app/x")], (engine) => {
      engine.on(INSPECT, 200, inspected("0:0"));
      engine.on(PUT, 500, { message: "container rootfs is marked read-only" });
    });
    expect(error).toMatchObject({ code: "engine-refused", message: "container rootfs is marked read-only" });
    expect(events.at(-1)).toMatchObject({ type: "progress", finished: true });
  });

  test.each<[what: string, change: (path: string) => void]>([
    ["grown", (path) => appendFileSync(path, "!")],
    ["shrunk", (path) => truncateSync(path, 3)],
  ])("fails if a file has %s since the scan", async (_what, change) => {
    const { error, archives } = await send([upload("dump", "/app/x")], (engine, cwd) => {
      change(`${cwd}/dump`);
      engine.on(INSPECT, 200, inspected("0:0"));
    });
    expect(error).toMatchObject({
      code: "file-changed",
      message: expect.stringMatching(/^The size of ".*\/dump" changed during the upload$/),
    });
    expect(archives).toEqual([]);
  });

  test("fails if a file was removed since the scan", async () => {
    const { error } = await send([upload("dump", "/app/x")], (engine, cwd) => {
      unlinkSync(`${cwd}/dump`);
      engine.on(INSPECT, 200, inspected("0:0"));
    });
    expect(error).toMatchObject({
      code: "unreadable",
      message: expect.stringMatching(/^Cannot read ".*\/dump": no such file$/),
    });
  });

  test("fails with the reason of the abort if the upload is aborted", async () => {
    const ending = new AbortController();
    const reason = new Error("^C");
    const script = (engine: FakeEngine) => {
      engine.on(INSPECT, 200, inspected("0:0"));
      void engine.on(PUT).then(() => ending.abort(reason));
    };
    expect((await send([upload("dump", "/app/x")], script, { signal: ending.signal })).error).toBe(reason);
  });
});
