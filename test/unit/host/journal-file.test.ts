import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Address, Endpoint } from "../../../src/engine/endpoint/endpoint.ts";
import { fileJournal } from "../../../src/host/journal-file.ts";
import type { JournalEntry, NewEntry } from "../../../src/oneoff/journal/journal.ts";
import { cpuTime } from "../../support/cpu-time.ts";
import { folder } from "../../support/folder.ts";

const NOW = Date.UTC(2013, 2, 13, 15, 38, 8, 123);
const up = (app = "my-app", container = "c"): NewEntry => ({
  app,
  name: "run.7364",
  containerId: container,
  event: "up",
});

async function place() {
  const { path, ...home } = await folder();
  onTestFinished(() => home[Symbol.asyncDispose]());
  const journal = (socketPath = "/run/engine.sock", env: Record<string, string> = {}) =>
    fileJournal({ XDG_STATE_HOME: path, USER: "alice", ...env }, () => NOW, {
      endpoint: { socketPath, from: "--host" },
    });
  const at = join(path, "oneoff", "journal");
  return {
    path,
    at,
    journal,
    files: async () => (await readdir(at)).sort(),
    /** The only file of the journal. */
    file: async () => join(at, (await readdir(at))[0] as string),
  };
}

test("writes time, app, container, event and user on a line, with the time first", async () => {
  const { journal, file } = await place();
  journal().append({
    app: "my-app",
    name: "run.7364",
    containerId: "c",
    event: "starting",
    command: "bash",
    processType: undefined,
    detached: true,
  });
  expect((await readFile(await file(), "utf8")).replace(/@[^"]*"/, '@host"')).toBe(
    '{"time":"2013-03-13T15:38:08.123Z","app":"my-app","name":"run.7364","containerId":"c","event":"starting",' +
      '"command":"bash","detached":true,"user":"alice@host"}\n',
  );
});

test("keeps an entry's own time", async () => {
  const { journal } = await place();
  journal().append({ ...up(), time: "2012-01-01T00:00:00.000Z" });
  expect(journal().read("my-app")[0]?.time).toBe("2012-01-01T00:00:00.000Z");
});

test("records the user who called sudo", async () => {
  const { journal } = await place();
  journal(undefined, { SUDO_USER: "bob", USER: "root" }).append(up());
  expect(journal().read("my-app")[0]?.user).toMatch(/^bob@./);
});

test("creates nothing before the first entry, then creates private files", async () => {
  const { journal, path, at, file } = await place();
  const mine = journal();
  expect(mine.read("my-app")).toEqual([]);
  expect(await readdir(path)).toEqual([]);
  mine.append(up());
  const mode = async (name: string) => (await stat(name)).mode & 0o777;
  expect([await mode(join(path, "oneoff")), await mode(at), await mode(await file())]).toEqual([0o700, 0o700, 0o600]);
});

test("keeps a separate file for each engine and app", async () => {
  const { journal, files } = await place();
  journal().append(up("shop/web"));
  journal().append(up("my-app"));
  journal("/other/engine.sock").append(up("my-app"));
  expect((await files()).map((name) => name.replace(/^[0-9a-f]{8}-/, "")).sort()).toEqual([
    "other-engine.sock.my-app.1.ndjson",
    "run-engine.sock.my-app.1.ndjson",
    "run-engine.sock.shop-web.1.ndjson",
  ]);
  const apps = (entries: readonly JournalEntry[]) => entries.map(({ app }) => app).sort();
  expect(apps(journal().read())).toEqual(["my-app", "shop/web"]);
  expect(apps(journal().read("my-app"))).toEqual(["my-app"]);
  expect(apps(journal("/third/engine.sock").read())).toEqual([]);
});

test("separates apps whose file names are equal or share a prefix", async () => {
  const { journal } = await place();
  for (const app of ["shop/web", "shop-web", "shop-web.1", "a".repeat(300), `${"a".repeat(300)}b`]) {
    journal().append(up(app, app));
  }
  for (const app of ["shop/web", "shop-web", "shop-web.1", "a".repeat(300)]) {
    expect(
      journal()
        .read(app)
        .map(({ containerId }) => containerId),
    ).toEqual([app]);
  }
  expect(journal().read()).toHaveLength(5);
});

test("identifies an engine by its socket, regardless of symlinks", async () => {
  const { journal, path } = await place();
  await writeFile(join(path, "engine.sock"), "");
  await symlink(join(path, "engine.sock"), join(path, "link.sock"));
  journal(join(path, "engine.sock")).append(up());
  expect(journal(join(path, "link.sock")).read("my-app")).toHaveLength(1);
});

test("resolves the engine lazily, and ignores an engine that is not found", async () => {
  const { path } = await place();
  const journal = fileJournal({ XDG_STATE_HOME: path }, () => NOW, {
    get endpoint(): never {
      throw new Error("no engine");
    },
  });
  journal.append(up());
  expect(await readdir(path)).toEqual([]);
});

test("defaults to ~/.local/state, and to no journal without a home folder", async () => {
  const { path } = await place();
  const at = { endpoint: { socketPath: "/s", from: "--host" } } as const;
  const homeless = fileJournal({}, () => NOW, at);
  homeless.append(up());
  expect(homeless.read()).toEqual([]);
  fileJournal({ HOME: path, USER: "alice" }, () => NOW, at).append(up());
  expect(await readdir(join(path, ".local/state/oneoff/journal"))).toHaveLength(1);
});

test("ignores a folder or file that cannot be created", async () => {
  const { journal, path, at } = await place();
  await writeFile(join(path, "oneoff"), "");
  journal().append(up());
  expect(journal().read("my-app")).toEqual([]);
  await rm(join(path, "oneoff"));
  journal().append(up());
  await rm(at, { recursive: true });
  await mkdir(at);
  await chmod(at, 0o500);
  journal().append(up());
});

test("reads other files if one cannot be opened", async () => {
  const { journal, file } = await place();
  journal().append(up());
  const name = await file();
  await rm(name);
  await mkdir(name);
  journal().append(up());
  journal().append(up("other"));
  expect(journal().read()).toEqual([expect.objectContaining({ app: "other" })]);
});

test("skips invalid entries", async () => {
  const { journal, file } = await place();
  journal().append(up("my-app", "first"));
  const name = await file();
  const good = await readFile(name, "utf8");
  const rubbish = [
    "",
    "null",
    "[]",
    "{}",
    "\x00\xff\xfe",
    '{"time":"2013"}',
    good.replace('"up"', '"from-the-future"').trim(),
  ];
  await writeFile(name, `${good}${rubbish.join("\n")}\n`);
  journal().append(up("my-app", "last"));
  expect(
    journal()
      .read("my-app")
      .map(({ containerId }) => containerId),
  ).toEqual(["first", "last"]);
});

test("skips only the incomplete line", async () => {
  const { journal, file } = await place();
  journal().append(up("my-app", "first"));
  const name = await file();
  const good = await readFile(name, "utf8");
  await writeFile(name, `${good}${good.slice(0, -20)}`);
  journal().append(up("my-app", "last"));
  expect(
    journal()
      .read("my-app")
      .map(({ containerId }) => containerId),
  ).toEqual(["first", "last"]);
});

test("skips a line of 100 MB without reading it", async () => {
  const { journal, file } = await place();
  journal().append(up("my-app", "lost"));
  await writeFile(await file(), `${"x".repeat(100_000_000)}\n`);
  const before = cpuTime();
  journal().append(up("my-app", "next"));
  expect(
    journal()
      .read("my-app")
      .map(({ containerId }) => containerId),
  ).toEqual(["next"]);
  expect(cpuTime() - before).toBeLessThan(1000);
});

test("rotates a file of 1 MiB, and deletes the previous one", async () => {
  const { journal, at, files } = await place();
  journal().append(up("my-app", "1"));
  const [first = ""] = await files();
  const next = (n: number) => first.replace(".1.ndjson", `.${n}.ndjson`);
  const fill = async (n: number) => writeFile(join(at, next(n)), `${"\n".repeat(1024 * 1024 - 1)}\n`);
  await fill(1);
  journal().append(up("my-app", "2"));
  expect(await files()).toEqual([next(1), next(2)]);
  await fill(2);
  journal().append(up("my-app", "3"));
  expect(await files()).toEqual([next(2), next(3)]);
  for (let n = 3; n < 10; n += 1) {
    await fill(n);
    journal().append(up("my-app", String(n + 1)));
  }
  expect(await files()).toEqual([next(10), next(9)]);
  expect(
    journal()
      .read("my-app")
      .map(({ containerId }) => containerId),
  ).toEqual(["10"]);
});

test("follows each whole line once across files, and restarts after truncation", async () => {
  const { journal, at } = await place();
  const mine = journal();
  const next = mine.follow("my-app");
  const come = () => next().map(({ containerId }) => containerId);
  expect(come()).toEqual([]);
  mine.append(up("my-app", "1"));
  mine.append(up("my-app", "2"));
  mine.append(up("other", "3"));
  expect(come()).toEqual(["1", "2"]);
  expect(come()).toEqual([]);
  const name = (await readdir(at)).find((one) => one.includes("my-app")) as string;
  const line = (await readFile(join(at, name), "utf8")).split("\n")[0]?.replace('"1"', '"4"') as string;
  await writeFile(join(at, name), line.slice(0, 30), { flag: "a" });
  expect(come()).toEqual([]);
  await writeFile(join(at, name), `${line.slice(30)}\n${"\n".repeat(1024 * 1024)}`, { flag: "a" });
  mine.append(up("my-app", "5"));
  expect(await readdir(at)).toHaveLength(3);
  expect(come()).toEqual(["4", "5"]);
  await writeFile(join(at, name.replace(".1.", ".2.")), "");
  expect(come()).toEqual([]);
  mine.append(up("my-app", "6"));
  expect(come()).toEqual(["6"]);
});

test("identifies a remote engine by its address, regardless of its source", async () => {
  const { path, at } = await place();
  const journalAt = (address: Address, from: Endpoint["from"]) =>
    fileJournal({ XDG_STATE_HOME: path, USER: "alice" }, () => NOW, { endpoint: { ...address, from } });
  const port = (port: number) => ({ host: "box", port, basePath: "" });
  journalAt({ ...port(2376), tls: { verify: true } }, "--context").append(up("my-app", "1"));
  expect(journalAt(port(2376), "DOCKER_HOST").read("my-app")).toHaveLength(1);
  for (const other of [port(2377), { sshHost: "box" }, { sshHost: "box", user: "me" }]) {
    expect(journalAt(other, "--host").read("my-app")).toEqual([]);
  }
  expect(await readdir(at)).toEqual([expect.stringMatching(/^[\da-f]{8}-tcp-+box-2376\.my-app\.1\.ndjson$/)]);
});

test("loses, cuts and mixes no lines of concurrent writers during rotation", async () => {
  const { path, journal } = await place();
  const writer = `
    import { fileJournal } from ${JSON.stringify(new URL("../../../src/host/journal-file.ts", import.meta.url).href)};
    const journal = fileJournal({ XDG_STATE_HOME: ${JSON.stringify(path)}, USER: "u" }, Date.now, {
      endpoint: { socketPath: "/run/engine.sock", from: "--host" },
    });
    for (let n = 0; n < 600; n += 1) {
      journal.append({ app: "my-app", name: "run.7364", containerId: process.argv[1] + "." + n, event: "starting", command: "x".repeat(300) });
    }`;
  const writers = Array.from({ length: 6 }, (_, n) =>
    spawn(process.execPath, ["--input-type=module", "-e", writer, String(n)], { stdio: "inherit" }),
  );
  await Promise.all(writers.map((child) => once(child, "exit")));
  const containers = journal()
    .read("my-app")
    .map(({ containerId }) => containerId);
  // 3,600 lines of some 450 bytes fit into the two files that are kept.
  expect(new Set(containers).size).toBe(3600);
  expect(containers).toHaveLength(3600);
}, 60_000);
