import { execFileSync } from "node:child_process";
import { chmod, mkdir, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openSource } from "../../../../src/deploy/image/source.ts";
import type { Builder } from "../../../../src/engine/build.ts";
import type { Event } from "../../../../src/output/events.ts";
import { entriesOf } from "../../../support/archive.ts";
import { folder } from "../../../support/folder.ts";

/** Reads the tar stream of a context. */
async function readContext(path: string, { file, builder = "buildkit" }: { file?: string; builder?: Builder } = {}) {
  const source = openSource(path, file);
  const blocks: Buffer[] = [];
  const events: Event[] = [];
  for await (const block of source.context(builder, (event) => events.push(event))) blocks.push(Buffer.from(block));
  const entries = await entriesOf(Buffer.concat(blocks));
  return { source, entries, events, names: entries.map(({ header }) => header.name) };
}

const FILES = { Dockerfile: "FROM a\n", "a.txt": "a", "b/c/d": "d", "b/e": "e" };

describe("context", () => {
  test("sends folders before their files, in order", async () => {
    await using here = await folder(FILES);
    expect((await readContext(here.path)).names).toEqual(["Dockerfile", "a.txt", "b", "b/c", "b/c/d", "b/e"]);
  });

  test("keeps modes and times, but not owners", async () => {
    await using here = await folder({ Dockerfile: "", run: "#!" });
    await chmod(join(here.path, "run"), 0o4751);
    await utimes(join(here.path, "run"), 1_000_000_000, 1_000_000_000);
    const { entries } = await readContext(here.path);
    expect(entries[1]?.header).toMatchObject({ name: "run", mode: 0o4751, uid: 0, gid: 0, mtime: new Date(1e12) });
  });

  test("keeps symlinks, even dangling ones", async () => {
    await using here = await folder({ Dockerfile: "" });
    for (const to of ["/etc/passwd", "../..", "nowhere"]) await symlink(to, join(here.path, to.replaceAll("/", "_")));
    const { entries } = await readContext(here.path);
    expect(entries.map(({ header: { name, type, linkname } }) => [name, type, linkname])).toEqual(
      [
        ["Dockerfile", "file", null],
        [".._..", "symlink", "../.."],
        ["_etc_passwd", "symlink", "/etc/passwd"],
        ["nowhere", "symlink", "nowhere"],
      ].sort(([a], [b]) => ((a ?? "") < (b ?? "") ? -1 : 1)),
    );
  });

  test("follows a symlink to the folder", async () => {
    await using here = await folder({ "real/Dockerfile": "", "real/a": "" });
    await symlink("real", join(here.path, "link"));
    expect((await readContext(join(here.path, "link"))).names).toEqual(["Dockerfile", "a"]);
  });

  test("sends empty and large files and long names", async () => {
    const long = `${"d".repeat(90)}/${"e".repeat(90)}/é`;
    await using here = await folder({ Dockerfile: "", empty: "", [long]: "x", large: "", small: "y".repeat(131072) });
    await mkdir(join(here.path, "none"));
    await truncate(join(here.path, "large"), 3_000_001);
    const { entries } = await readContext(here.path);
    const lengths = Object.fromEntries(entries.map(({ header, text }) => [header.name, text.length]));
    expect(lengths).toMatchObject({ empty: 0, none: 0, [long]: 1, large: 3_000_001, small: 131072 });
  });

  test("skips pipes with a warning", async () => {
    await using here = await folder({ Dockerfile: "" });
    execFileSync("mkfifo", [join(here.path, "pipe\nforged")]);
    const { names, events } = await readContext(here.path);
    expect(names).toEqual(["Dockerfile"]);
    expect(events).toContainEqual({
      type: "warning",
      message: `${here.path}/pipe\\nforged is not a file, directory or symlink; skipped`,
    });
  });

  test("can be read again and reports progress", async () => {
    await using here = await folder(FILES);
    const { source, events } = await readContext(here.path);
    let length = 0;
    for await (const block of source.context("classic", () => {})) length += block.length;
    expect(events.at(-1)).toEqual({
      type: "progress",
      operation: "context",
      total: undefined,
      current: length,
      finished: true,
    });
  });
});

describe(".dockerignore", () => {
  test("does not read ignored folders", async () => {
    await using here = await folder({ ...FILES, ".dockerignore": "tmp\n" });
    await mkdir(join(here.path, "tmp"));
    execFileSync("mkfifo", [join(here.path, "tmp/pipe")]);
    const { names, events } = await readContext(here.path);
    expect(names).toEqual([".dockerignore", "Dockerfile", "a.txt", "b", "b/c", "b/c/d", "b/e"]);
    expect(events.filter(({ type }) => type === "warning")).toEqual([]);
  });

  test("sends exceptions with their folders", async () => {
    await using here = await folder({ ...FILES, "b/x/y": "", ".dockerignore": "*\n!b/c/d\n!Dockerfile\n" });
    await chmod(join(here.path, "b"), 0o700);
    const { names, entries } = await readContext(here.path);
    expect(names).toEqual(["Dockerfile", "b", "b/c", "b/c/d"]);
    expect(entries[1]?.header.mode).toBe(0o700);
  });

  test("finds exceptions in ignored folders", async () => {
    await using here = await folder({ "x/y/keep": "", "x/z": "", Dockerfile: "", ".dockerignore": "x\n!**/keep" });
    expect((await readContext(here.path)).names).toEqual([".dockerignore", "Dockerfile", "x", "x/y", "x/y/keep"]);
  });

  test("prefers Dockerfile.dockerignore to .dockerignore", async () => {
    await using here = await folder({
      ...FILES,
      ".dockerignore": "b\n",
      "Dockerfile.dockerignore": "a.txt\n*ignore\n",
    });
    expect((await readContext(here.path)).names).toEqual(["Dockerfile", "b", "b/c", "b/c/d", "b/e"]);
  });
});

describe("ignored Dockerfile", () => {
  const ignoring = { ...FILES, ".dockerignore": "Dockerfile\n.dockerignore\nb\n" };

  test("sends an ignored Dockerfile to BuildKit", async () => {
    await using here = await folder(ignoring);
    const { source, names, entries } = await readContext(here.path);
    expect(source).toMatchObject({ dockerfile: "Dockerfile", dockerfileText: "FROM a\n" });
    expect(names).toEqual(["a.txt", "Dockerfile"]);
    expect(entries[1]?.text).toBe("FROM a\n");
  });

  test("sends an ignored Dockerfile to the classic builder with a new .dockerignore", async () => {
    await using here = await folder(ignoring);
    const { names, entries } = await readContext(here.path, { builder: "classic" });
    expect(names).toEqual(["a.txt", "Dockerfile", ".dockerignore"]);
    expect(entries[2]?.text).toBe(".dockerignore\nDockerfile\n");
  });

  test("keeps a .dockerignore that is not ignored for the classic builder", async () => {
    await using here = await folder({ ...FILES, ".dockerignore": "Dockerfile\nb\n" });
    const { names, entries } = await readContext(here.path, { builder: "classic" });
    expect(names).toEqual([".dockerignore", "a.txt", "Dockerfile"]);
    expect(entries[0]?.text).toBe("Dockerfile\nb\n");
  });

  test("sends a Dockerfile of another folder under a name derived from its content", async () => {
    await using here = await folder({ "app/a": "a", "x/[y].Dockerfile": "FROM b\n", "app/.dockerignore": "# none\n" });
    const of = async (builder: Builder) =>
      readContext(join(here.path, "app"), { file: "../x/[y].Dockerfile", builder });
    const { source, names } = await of("buildkit");
    expect(source.dockerfile).toMatch(/^\.dockerfile\.[0-9a-f]{20}$/);
    expect(source.dockerfilePath).toBe(join(here.path, "x/[y].Dockerfile"));
    expect(names).toEqual([".dockerignore", "a", source.dockerfile]);
    expect((await of("buildkit")).source.dockerfile).toBe(source.dockerfile);
    const classic = await of("classic");
    expect(classic.names).toEqual(["a", source.dockerfile, ".dockerignore"]);
    expect(classic.entries[2]?.text).toBe(`.dockerignore\n${source.dockerfile}\n`);
    await writeFile(join(here.path, "x/[y].Dockerfile"), "FROM c\n");
    expect((await of("buildkit")).source.dockerfile).not.toBe(source.dockerfile);
  });

  test("escapes a Dockerfile name with pattern characters", async () => {
    await using here = await folder({ "x/[y]": "FROM b\n", ".dockerignore": "*" });
    const { source, entries } = await readContext(here.path, { file: "x/[y]", builder: "classic" });
    expect(source.dockerfile).toBe("x/[y]");
    expect(entries.map(({ text }) => text)).toEqual(["FROM b\n", ".dockerignore\nx/\\[y\\]\n"]);
  });

  test("follows a symlink to the Dockerfile", async () => {
    await using here = await folder({ "docker/prod": "FROM p\n" });
    await symlink("docker/prod", join(here.path, "Dockerfile"));
    expect((await readContext(here.path)).source).toMatchObject({
      dockerfile: "docker/prod",
      dockerfileText: "FROM p\n",
    });
  });
});

describe("sessionFiles", () => {
  const of = (path: string, { file, only }: { file?: string; only?: string } = {}) => {
    const source = openSource(path, file);
    const { dockerfile, context } = source.sessionFiles(() => {});
    return { source, dockerfile, names: Array.from(context(only), ({ header }) => header.name) };
  };

  test("sends an ignored Dockerfile separately", async () => {
    await using here = await folder({ ...FILES, ".dockerignore": "Dockerfile\nb/c\n" });
    const { source, dockerfile, names } = of(here.path);
    expect(source.isHidden).toBe(true);
    expect(names).toEqual([".dockerignore", "a.txt", "b", "b/e"]);
    expect(dockerfile.header).toMatchObject({ name: "Dockerfile", size: 7 });
    const memory = Buffer.alloc(10);
    const item = dockerfile.open();
    expect(memory.toString("utf8", 0, await item.read?.(memory))).toBe("FROM a\n");
  });

  test("sends a single file unless it is ignored", async () => {
    await using here = await folder({ ...FILES, ".dockerignore": "Dockerfile\n" });
    expect(of(here.path, { only: ".dockerignore" }).names).toEqual([".dockerignore"]);
    await writeFile(join(here.path, ".dockerignore"), ".dockerignore\n");
    expect(of(here.path, { only: ".dockerignore" }).names).toEqual([]);
  });

  test("distinguishes Dockerfiles of two folders", async () => {
    await using here = await folder({ "app/Dockerfile": "FROM a\n", "prod/Dockerfile": "FROM production\n" });
    const { source, dockerfile, names } = of(join(here.path, "app"), { file: "../prod/Dockerfile" });
    expect([source.isHidden, dockerfile.header.size, names]).toEqual([true, 16, ["Dockerfile"]]);
  });

  test("sorts files by bytes", async () => {
    const names = ["\u{1f600}", "\uff5e", "z", "\u00e9"];
    await using here = await folder(Object.fromEntries(["Dockerfile", ...names].map((name) => [name, ""])));
    expect(of(here.path).names).toEqual(["Dockerfile", "z", "\u00e9", "\uff5e", "\u{1f600}"]);
  });
});

describe("invalid sources", () => {
  const failure = (path: string, file?: string) =>
    readContext(path, file === undefined ? {} : { file }).catch((error) => error);

  test("rejects a missing folder", async () =>
    expect(await failure("/nonesuch")).toMatchObject({ code: "no-local-folder", kind: "usage" }));

  test("rejects a missing Dockerfile", async () => {
    await using here = await folder({ a: "" });
    expect(await failure(here.path)).toMatchObject({
      code: "no-dockerfile",
      message: `No such Dockerfile "${here.path}/Dockerfile"`,
    });
    expect(await failure(here.path, "a/Dockerfile")).toMatchObject({ code: "no-dockerfile" });
  });

  test("rejects a folder as the Dockerfile", async () => {
    await using here = await folder({ "Dockerfile/a": "" });
    expect(await failure(here.path)).toMatchObject({
      code: "unreadable",
      message: `Cannot read "${here.path}/Dockerfile": is a folder`,
    });
  });

  test("rejects an invalid .dockerignore", async () => {
    await using here = await folder({ Dockerfile: "", ".dockerignore": "a\n[\n" });
    expect(await failure(here.path)).toMatchObject({
      code: "bad-dockerignore",
      message: `${here.path}/.dockerignore:2: expected a pattern, found "["`,
    });
  });

  test.runIf(process.getuid?.() === 0)("names an unreadable file or folder", async () => {
    await using here = await folder({ Dockerfile: "", "closed/a": "", secret: "x" });
    await chmod(join(here.path, "secret"), 0);
    await chmod(join(here.path, "closed"), 0);
    process.seteuid?.(65534);
    try {
      expect(await failure(here.path)).toMatchObject({
        code: "unreadable",
        message: `Cannot read "${here.path}/closed": permission denied`,
      });
      await using other = await folder({ Dockerfile: "", secret: "x" });
      await chmod(join(other.path, "secret"), 0);
      expect(await failure(other.path)).toMatchObject({
        code: "unreadable",
        message: `Cannot read "${other.path}/secret": permission denied`,
      });
    } finally {
      process.seteuid?.(0);
    }
  });

  test("fails if a file changes while it is sent", async () => {
    await using here = await folder({ Dockerfile: "", a: "", z: "z" });
    await truncate(join(here.path, "a"), 4_000_000);
    const source = openSource(here.path);
    const sending = (async () => {
      for await (const _ of source.context("buildkit", () => {})) await writeFile(join(here.path, "a"), "less");
    })();
    await expect(sending).rejects.toMatchObject({ code: "file-changed" });
  });
});
