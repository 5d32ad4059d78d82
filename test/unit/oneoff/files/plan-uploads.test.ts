import { Buffer } from "node:buffer";
import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readSync, symlinkSync, utimesSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { Secret, Upload } from "../../../../src/app/transfer.ts";
import type { OneoffError } from "../../../../src/errors/error.ts";
import { planUploads } from "../../../../src/oneoff/files/plan-uploads.ts";
import type { Event } from "../../../../src/output/events.ts";
import { folder } from "../../../support/folder.ts";

const upload = (source: string): Upload => ({ source, target: `/tmp/uploads/${source}` });

async function plan(
  cwd: string,
  uploads: readonly Upload[],
  secrets: readonly Secret[] = [],
  { stdin = Readable.from([]) as Readable, env = {} as Record<string, string> } = {},
) {
  const events: Event[] = [];
  const context = { cwd, env, report: (event: Event) => events.push(event), terminal: { stdin } };
  const planned = await planUploads(context, uploads, secrets);
  return { ...planned, events };
}

const refusal = (planned: Promise<unknown>): Promise<OneoffError> =>
  planned.then(
    () => expect.fail("was not refused"),
    (error) => error,
  );

describe("files", () => {
  test("scans folders recursively", async () => {
    await using here = await folder({ "d/b": "22", "d/a/x": "1", "d/a/é": "" });
    chmodSync(`${here.path}/d/b`, 0o4751);
    utimesSync(`${here.path}/d/b`, 981_173_106.9, 981_173_106.9);
    symlinkSync("../none", `${here.path}/d/l`);
    const { files, bytes, sources } = await plan(here.path, [upload("d")]);
    expect(files.map(({ target, kind, size }) => [target, kind, size])).toEqual([
      ["/tmp/uploads/d", "directory", 0],
      ["/tmp/uploads/d/a", "directory", 0],
      ["/tmp/uploads/d/a/x", "file", 1],
      ["/tmp/uploads/d/a/é", "file", 0],
      ["/tmp/uploads/d/b", "file", 2],
      ["/tmp/uploads/d/l", "symlink", 0],
    ]);
    expect(files[4]).toMatchObject({ mode: 0o4751, mtime: 981_173_106, content: { path: `${here.path}/d/b` } });
    expect(files[5]).toMatchObject({ linkTarget: "../none" });
    expect(bytes).toBe(3);
    expect(sources).toEqual([{ path: "d", target: "/tmp/uploads/d", bytes: 3 }]);
  });

  test("follows a symlink as the source", async () => {
    await using here = await folder({ real: "1" });
    symlinkSync("real", `${here.path}/link`);
    expect((await plan(here.path, [upload("link")])).files).toMatchObject([{ kind: "file", size: 1 }]);
  });

  test("skips special files in a folder with a warning", async () => {
    await using here = await folder({ "d/a": "1" });
    execFileSync("mkfifo", [`${here.path}/d/pipe\nforged`]);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(`${here.path}/d/socket`, resolve));
    const { files, events } = await plan(here.path, [upload("d")]);
    server.close();
    expect(files.map(({ target }) => target)).toEqual(["/tmp/uploads/d", "/tmp/uploads/d/a"]);
    expect(events).toEqual(
      ["pipe\\nforged", "socket"].map((name) => ({
        type: "not-copied",
        message: `${here.path}/d/${name} is not a file, directory or symlink; skipped`,
      })),
    );
  });

  test("refuses a special file as the source", async () => {
    await using here = await folder();
    execFileSync("mkfifo", [`${here.path}/pipe`]);
    expect(await refusal(plan(here.path, [upload("pipe")]))).toMatchObject({
      code: "no-local-file",
      kind: "usage",
      message: '"pipe" is not a file or folder',
    });
  });

  test.each([
    ["none", 'Cannot read "none": no such file'],
    ["dangling", 'Cannot read "dangling": no such file'],
  ])("reports a missing source: %s", async (source, message) => {
    await using here = await folder();
    symlinkSync("/nowhere", `${here.path}/dangling`);
    expect(await refusal(plan(here.path, [upload(source)]))).toMatchObject({
      code: "unreadable",
      kind: "usage",
      message,
    });
  });

  test.skipIf(process.getuid?.() === 0)("that are unreadable are reported, also inside a folder", async () => {
    await using here = await folder({ "d/a": "1" });
    chmodSync(`${here.path}/d/a`, 0);
    expect(await refusal(plan(here.path, [upload("d")]))).toMatchObject({
      message: `Cannot read "${here.path}/d/a": permission denied`,
    });
  });
});

describe("stdin", () => {
  test("spools stdin to an unlinked private file", async () => {
    await using here = await folder();
    const before = readdirSync(tmpdir()).filter((name) => /^oneoff-[0-9a-f]{8}-/.test(name));
    const stdin = Readable.from([Buffer.from("he"), Buffer.from("llo")]);
    const { files } = await plan(here.path, [{ source: "-", target: "/tmp/uploads/stdin" }], [], { stdin });
    expect(files).toMatchObject([{ target: "/tmp/uploads/stdin", kind: "file", size: 5, mode: 0o644 }]);
    const { fd } = (files[0] as { content: unknown }).content as { fd: number };
    const memory = Buffer.alloc(9);
    expect(memory.subarray(0, readSync(fd, memory, 0, 9, 0)).toString()).toBe("hello");
    expect(readdirSync(tmpdir()).filter((name) => /^oneoff-[0-9a-f]{8}-/.test(name))).toEqual(before);
  });

  test("accepts an empty stdin", async () => {
    await using here = await folder();
    expect((await plan(here.path, [upload("-")])).files).toMatchObject([{ size: 0 }]);
  });

  test("reads stdin after it has checked all other sources", async () => {
    await using here = await folder();
    const stdin = new Readable({ read: () => expect.fail("was read") });
    expect(await refusal(plan(here.path, [upload("-"), upload("none")], [], { stdin }))).toMatchObject({
      code: "unreadable",
    });
  });

  test("refuses stdin as the source of two files", async () => {
    expect(await refusal(plan("/", [upload("-"), { source: "-", target: "/x" }]))).toMatchObject({
      code: "stdin-twice",
      kind: "usage",
    });
  });
});

describe("secrets", () => {
  test("reads secrets byte for byte from files and the environment", async () => {
    await using here = await folder({ token: Buffer.from([0, 255, 10]) });
    const { files, bytes, sources } = await plan(
      here.path,
      [],
      [
        { name: "A", file: undefined },
        { name: "EMPTY", file: undefined },
        { name: "B", file: "token" },
      ],
      { env: { A: "é", EMPTY: "" } },
    );
    expect(files).toEqual(
      (
        [
          ["A", Buffer.from("é")],
          ["EMPTY", Buffer.alloc(0)],
          ["B", Buffer.from([0, 255, 10])],
        ] as const
      ).map(([name, value]) => ({
        ...{ target: `/run/secrets/${name}`, kind: "file", size: value.length, mode: 0o400, mtime: 0 },
        content: { bytes: value },
      })),
    );
    expect(bytes).toBe(5);
    expect(sources).toEqual([]);
  });

  test("reports missing secrets", async () => {
    await using here = await folder({ "d/x": "" });
    const of = (secret: Secret) => refusal(plan(here.path, [], [secret]));
    expect(await of({ name: "A", file: undefined })).toMatchObject({
      kind: "usage",
      message: "--secret A: the environment variable A is not set",
      next: "--secret A=@FILE",
    });
    expect((await of({ name: "A", file: "none" })).message).toBe('--secret A: "none": no such file');
    expect((await of({ name: "A", file: "d" })).message).toBe('--secret A: "d": is a folder');
  });

  test("limits the size of secrets", async () => {
    await using here = await folder({ large: Buffer.alloc(1024 * 1024 + 1), most: Buffer.alloc(1024 * 1024) });
    expect(await refusal(plan(here.path, [], [{ name: "A", file: "large" }]))).toMatchObject({
      code: "secret-too-large",
      message: "--secret A: the value is too large; the maximum is 1048576 bytes",
    });
    expect((await plan(here.path, [], [{ name: "A", file: "most" }])).bytes).toBe(1024 * 1024);
  });
});
