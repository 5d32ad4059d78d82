import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import { fetchTree } from "../../../../src/oneoff/files/download.ts";
import type { Event } from "../../../../src/output/events.ts";
import { packTar } from "../../../../src/streams/pack-tar.ts";
import { answerArchive, answerStat, GO_MODE, tarOf } from "../../../support/archive.ts";
import { type FakeEngine, fakeEngine } from "../../../support/fake-engine.ts";
import { folder } from "../../../support/folder.ts";
import { run } from "../../../support/process.ts";

const DIRECTORY = { mode: GO_MODE.directory + 0o755 };
const mtime = new Date("2001-02-03T04:05:06Z");

/** Fetches from an engine that is scripted by `script`; `here` lists the files afterwards. */
async function fetched(
  source: string,
  target: string,
  script: (engine: FakeEngine) => void | Promise<void>,
  { files = {} as Record<string, string>, force = false, signal = undefined as AbortSignal | undefined } = {},
) {
  const place = await folder(files);
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  await script(engine);
  const events: Event[] = [];
  const context = { engine: transport, report: (event: Event) => events.push(event), signal };
  const container = { id: "c", name: "run.1" };
  const error = await fetchTree(context, container, { source, target }, { cwd: place.path, force }).then(
    () => undefined,
    (failure: OneoffError) => failure,
  );
  const here = readdirSync(place.path, { recursive: true }).map(String).sort();
  return {
    error,
    events,
    lines: [...engine.lines],
    here,
    path: place.path,
    [Symbol.asyncDispose]: place[Symbol.asyncDispose],
  };
}

const text = ({ path }: { path: string }, name: string) => readFileSync(`${path}/${name}`, "utf8");

describe("a file", () => {
  const script = async (engine: FakeEngine) => {
    void answerStat(engine, { name: "r.csv", size: 5 });
    void answerArchive(engine, await tarOf([{ name: "r.csv", mode: 0o4640, mtime }, "a,b,c"]));
  };

  test("reads a file from the archive of its folder if the engine cannot find a name that is not UTF-8", async () => {
    const header = { name: "./caf\udce9", type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 1, size: 5 } as const;
    const read = async (memory: Buffer) => memory.write("exact");
    const packed = Array.fromAsync(packTar(Readable.from([{ header, read }])), (block) => Buffer.from(block));
    await using got = await fetched("/app/caf\udce9", "x", async (engine) => {
      void answerStat(engine, {});
      void answerArchive(engine, await tarOf([{ name: "caf\ufffd" }, "other"]));
      void answerArchive(engine, Buffer.concat(await packed));
    });
    expect(got.error).toBeUndefined();
    expect(text(got, "x")).toBe("exact");
    expect(got.lines.at(-1)).toBe("GET /containers/c/archive?path=%2Fapp%2F.");
  });

  test("keeps mode and mtime of a downloaded file", async () => {
    await using got = await fetched("/app/r.csv", ".", script);
    expect(got.error).toBeUndefined();
    expect(got.here).toEqual(["r.csv"]);
    expect(text(got, "r.csv")).toBe("a,b,c");
    const { mode, mtimeMs } = statSync(`${got.path}/r.csv`);
    expect([mode & 0o7777, mtimeMs]).toEqual([0o640, mtime.getTime()]);
    expect(got.lines).toEqual([
      "HEAD /containers/c/archive?path=%2Fapp%2Fr.csv",
      "GET /containers/c/archive?path=%2Fapp%2Fr.csv",
    ]);
  });

  test("retries a truncated download once", async () => {
    const whole = await tarOf([{ name: "r.csv" }, "a,b,c"]);
    const cut = whole.subarray(0, 515);
    const come = (...archives: Buffer[]) =>
      fetched("/app/r.csv", ".", (engine) => {
        void answerStat(engine, { name: "r.csv", size: 5 });
        for (const archive of archives) void answerArchive(engine, archive);
      });
    await using got = await come(cut, whole);
    expect([got.error, got.here, text(got, "r.csv")]).toEqual([undefined, ["r.csv"], "a,b,c"]);
    await using lost = await come(cut, cut);
    expect([lost.error?.code, lost.here]).toEqual(["archive-cut", []]);
  });

  test("reports the progress of a download", async () => {
    await using got = await fetched("/app/r.csv", ".", script);
    expect(got.events).toEqual([
      { type: "progress", operation: "fetch", current: 5, total: 5 },
      { type: "progress", operation: "fetch", current: 5, total: 5, finished: true },
      { type: "fetched", source: "run.1:/app/r.csv", path: "r.csv", bytes: 5 },
    ]);
  });

  test("creates the parent folder of the target", async () => {
    await using got = await fetched("/app/r.csv", "a/b/", script);
    expect(got.here).toEqual(["a", "a/b", "a/b/r.csv"]);
    for (const made of ["a", "a/b"])
      expect(statSync(`${got.path}/${made}`).mode & 0o777).toBe(0o777 & ~process.umask());
  });

  // In a process of its own, which can be killed if it hangs.
  test("fails a download at once in a folder in which mkdir fails", async () => {
    await using engine = await fakeEngine();
    void answerStat(engine, { name: "r.csv", size: 5 });
    const module = (path: string) => JSON.stringify(new URL(`../../../../src/${path}`, import.meta.url).href);
    const script = `
      const { openTransport } = await import(${module("engine/transport.ts")});
      const { fetchTree } = await import(${module("oneoff/files/download.ts")});
      await using engine = openTransport(() => ({ socketPath: ${JSON.stringify(engine.socketPath)}, from: "--host" }));
      const fetch = { source: "/app/r.csv", target: "/proc/nonesuch/a/" };
      await fetchTree({ engine, report() {} }, { id: "c", name: "run.1" }, fetch, { cwd: "/", force: false }).catch(
        ({ code, message }) => console.log(code, message),
      );`;
    const { stdout } = await run([process.execPath, "--input-type=module", "-e", script], { timeout: 20_000 });
    expect(stdout.toString()).toMatch(/^unwritable Cannot write "\/proc\/nonesuch\/a\/r\.csv": ENOENT: /);
  });

  test("replaces an existing file with force only", async () => {
    const files = { "out/r.csv": "old" };
    await using kept = await fetched("/app/r.csv", "out/r.csv", () => {}, { files });
    expect(kept).toMatchObject({ error: { code: "target-exists" }, lines: [] });
    expect(text(kept, "out/r.csv")).toBe("old");
    await using replaced = await fetched("/app/r.csv", "out", script, { files, force: true });
    expect(replaced.here).toEqual(["out", "out/r.csv"]);
    expect(text(replaced, "out/r.csv")).toBe("a,b,c");
  });

  test("follows a symlink and keeps the symlink's name", async () => {
    await using got = await fetched("/app/latest", ".", async (engine) => {
      void answerStat(engine, { mode: GO_MODE.symlink + 0o777, linkTarget: "/app/r.csv" });
      await script(engine);
    });
    expect(got.here).toEqual(["latest"]);
    expect(got.lines.map((line) => line.replace(/.*path=/, ""))).toEqual([
      "%2Fapp%2Flatest",
      "%2Fapp%2Fr.csv",
      "%2Fapp%2Fr.csv",
    ]);
  });
});

describe("a folder", () => {
  const script = async (engine: FakeEngine) => {
    void answerStat(engine, DIRECTORY);
    const folder = (name: string, mode: number) => [{ name, type: "directory" as const, mode, mtime }] as const;
    void answerArchive(
      engine,
      await tarOf(folder("out", 0o750), [{ name: "out/a", mtime }, "1"], folder("out/ro", 0o555), [
        { name: "out/ro/b", mtime },
        "2",
      ]),
    );
  };

  test("keeps modes and mtimes of all files and folders", async () => {
    await using got = await fetched("/app/out", "mine", script);
    expect(got.here).toEqual(["mine", "mine/a", "mine/ro", "mine/ro/b"]);
    const facts = ["mine", "mine/ro"].map((name) => statSync(`${got.path}/${name}`));
    expect(facts.map(({ mode, mtimeMs }) => [mode & 0o7777, mtimeMs])).toEqual([
      [0o750, mtime.getTime()],
      [0o555, mtime.getTime()],
    ]);
  });

  test("merges a folder into an existing one, which keeps its mode", async () => {
    await using got = await fetched("/app/out", ".", script, { files: { "out/old": "0" } });
    expect(got.error).toBeUndefined();
    expect(got.here).toEqual(["out", "out/a", "out/old", "out/ro", "out/ro/b"]);
    expect(statSync(`${got.path}/out`).mode & 0o777).toBe(0o755);
  });

  test("changes nothing if a file of a downloaded folder already exists", async () => {
    await using got = await fetched("/app/out", ".", script, { files: { "out/ro/b": "old" } });
    expect(got.error).toMatchObject({ code: "target-exists", message: `"${got.path}/out/ro/b" already exists` });
    expect(got.here).toEqual(["out", "out/ro", "out/ro/b"]);
    expect(text(got, "out/ro/b")).toBe("old");
  });

  test.each([
    ["there", { "there/old": "0" }, ["there", "there/a", "there/old", "there/ro", "there/ro/b"]],
    ["new", {}, ["new", "new/a", "new/ro", "new/ro/b"]],
  ])("copies the content of a folder to %s", async (target, files, here) => {
    await using got = await fetched("/app/out/.", target, script, { files });
    expect(got.error).toBeUndefined();
    expect(got.here).toEqual(here);
  });

  test("downloads the root of the container", async () => {
    await using got = await fetched("/", "all", async (engine) => {
      void answerStat(engine, DIRECTORY);
      const asked = answerArchive(
        engine,
        await tarOf([{ name: "./", type: "directory" }], [{ name: "./etc", type: "directory" }]),
      );
      void asked.then((path) => expect(path).toBe("/."));
    });
    expect(got.here).toEqual(["all", "all/etc"]);
  });
});

describe("a failed download", () => {
  test("removes partial files when the path does not exist", async () => {
    await using got = await fetched("/app/none", ".", (engine) => {
      void answerStat(engine, undefined);
      engine.on("GET /containers/c/json", 200, { HostConfig: {} });
    });
    expect(got).toMatchObject({
      error: { code: "no-such-path", message: 'No such file or folder "/app/none" in run.1' },
      here: [],
    });
  });

  test("removes partial files when the path is on a tmpfs, which the error names", async () => {
    await using got = await fetched("/tmp/r", ".", (engine) => {
      void answerStat(engine, undefined);
      engine.on("GET /containers/c/json", 200, { HostConfig: { Tmpfs: { "/tmp": "" } } });
    });
    expect(got.error).toMatchObject({
      message: 'No such file or folder "/tmp/r" in run.1: /tmp is a tmpfs, which the engine cannot access',
      next: "write the file to another folder or a volume: --mount type=volume,target=/out",
    });
  });

  test("removes partial files when the path is neither a file nor a folder", async () => {
    await using got = await fetched("/app/p", ".", (engine) => void answerStat(engine, { mode: GO_MODE.pipe }));
    expect(got.error).toMatchObject({
      message: 'Cannot fetch "/app/p" of run.1: it is not a file or folder',
    });
  });

  test("removes partial files when a slash follows the name of a file", async () => {
    await using got = await fetched("/app/f/", "x", (engine) => void answerStat(engine, {}));
    expect(got.error).toMatchObject({ code: "not-a-folder", message: '"/app/f" in run.1 is not a folder' });
  });

  test("removes partial files when the engine cannot archive the name", async () => {
    await using got = await fetched("/app/caf\udce9", "x", async (engine) => {
      void answerStat(engine, {});
      void answerArchive(engine, await tarOf());
      void answerArchive(engine, await tarOf([{ name: "./", type: "directory" }], [{ name: "./cafe" }, "1"]));
    });
    expect(got.error).toMatchObject({ code: "unnamed-by-engine", next: "copy the folder that contains it" });
  });

  test("removes partial files when the path is below a file, for which engines send no reason", async () => {
    await using got = await fetched("/app/f/x", "x", (engine) => {
      engine.on("HEAD /containers/c/archive", 500);
      void answerStat(engine, {});
    });
    expect(got.error).toMatchObject({ code: "not-a-folder", message: '"/app/f" in run.1 is not a folder' });
  });

  test("removes partial files when the content of a file is requested", async () => {
    await using got = await fetched("/app/f/.", "x", (engine) => void answerStat(engine, {}));
    expect(got.error).toMatchObject({ message: '"/app/f" in run.1 is not a folder' });
  });

  test.each([300, 700, 1300])("removes partial files when the engine disconnects after %i bytes", async (length) => {
    const bytes = (await tarOf([{ name: "r" }, "x".repeat(600)])).subarray(0, length);
    await using got = await fetched("/app/r", "made/", (engine) => {
      void answerStat(engine, { size: 600 });
      void engine.on("GET /containers/c/archive").then((exchange) => {
        exchange.acknowledge().write(bytes, () => exchange.socket.destroy());
      });
    });
    expect(got.error).toMatchObject({ code: "download-cut" });
    expect(got.here).toEqual(["made"]);
    expect(got.events.at(-1)).toMatchObject({ finished: true });
  });

  test("removes partial files when the archive is malicious", async () => {
    await using got = await fetched("/app/out", ".", async (engine) => {
      void answerStat(engine, DIRECTORY);
      void answerArchive(engine, await tarOf([{ name: "out", type: "directory" }], [{ name: "out/../evil" }, "x"]));
    });
    expect(got).toMatchObject({ error: { code: "unsafe-archive" }, here: [] });
  });

  test("removes partial files when the download is aborted", async () => {
    const ending = new AbortController();
    const reason = new Error("^C");
    const script = (engine: FakeEngine) => {
      void answerStat(engine, { size: 600 });
      void engine.on("GET /containers/c/archive").then(async (exchange) => {
        exchange.acknowledge().write((await tarOf([{ name: "r" }, "x".repeat(600)])).subarray(0, 700));
        setTimeout(() => ending.abort(reason), 20);
      });
    };
    await using got = await fetched("/app/r", ".", script, { signal: ending.signal });
    expect(got.error).toBe(reason);
    expect(got.here).toEqual([]);
  });

  test("removes partial files when a folder was created at the target meanwhile", async () => {
    await using place = await folder();
    await using got = await fetched("/app/r", `${place.path}/r`, (engine) => {
      void answerStat(engine, {});
      void engine.on("GET /containers/c/archive").then(async (exchange) => {
        mkdirSync(`${place.path}/r`);
        exchange.acknowledge().end(await tarOf([{ name: "r" }, "x"]));
      });
    });
    expect(got.error).toMatchObject({ code: "target-other-kind" });
    expect(readdirSync(place.path)).toEqual(["r"]);
  });
});
