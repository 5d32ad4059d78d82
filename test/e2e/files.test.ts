import { createHash, randomBytes, randomUUID } from "node:crypto";
import { chmod, lstat, mkdir, readdir, readFile, readlink, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api, removeByLabel } from "../support/docker-api.ts";
import { engineData } from "../support/engine-data.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, type Inspected, type Oneoffs, oneoffSuite, said } from "../support/oneoff-suite.ts";
import { run, start } from "../support/process.ts";

const host = inject("engineHost");
const engine = api(host);
const suite = oneoffSuite(host);
const SOURCE = `test.oneoff.source=${randomUUID()}`;
afterAll(() => removeByLabel(host, SOURCE));

const inspect = async (id: string): Promise<Inspected> => (await engine.get(`/containers/${id}/json`)).body;
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const DONE = { code: 0, stdout: "", stderr: "" };

/** Containers that were created during the test, in any state. */
async function created(mine: Oneoffs, action: () => Promise<void>): Promise<number> {
  const since = Math.floor(Date.now() / 1000);
  await action();
  const filters = encodeURIComponent(JSON.stringify({ event: ["create"], label: [mine.label] }));
  const { bytes } = await engine.get(`/events?since=${since}&until=${Date.now() / 1000}&filters=${filters}`);
  return bytes.toString().split("\n").filter(Boolean).length;
}

/** A container of another tool, to be copied. */
async function deployed(HostConfig: Record<string, unknown>): Promise<string> {
  const name = `deployed-${randomUUID().slice(0, 8)}`;
  const [key, value] = SOURCE.split("=") as [string, string];
  const body = { Image: "busybox:local", Cmd: ["sleep", "1000"], Labels: { [key]: value }, HostConfig };
  const { body: made } = await engine.post(`/containers/create?name=${name}`, body);
  expect((await engine.post(`/containers/${made.Id}/start`)).status).toBe(204);
  return name;
}

/** All entries below a local folder, without following links. */
async function below(path: string): Promise<string[]> {
  const { stdout } = await run(["find", path, "-mindepth", "1", "-printf", "%P\\0"]);
  return stdout.toString().split("\0").filter(Boolean).sort();
}

/** The entries below a folder of a container: `path|mode|owner|time|kind`. */
const LIST = `find . -mindepth 1 -exec stat -c '%n|%a|%u:%g|%Y|%F' {} \\;`;

describe("uploads", () => {
  const TIME = 981_173_106;

  test.concurrent("uploads a tree with its names, modes, times and symlinks, owned by the user of the one-off", async () => {
    const long = "x".repeat(250);
    await using here = await folder({
      [`tree/${long}/${long}/long`]: "long",
      "tree/žluťoučký 🐎/漢字": "",
      "tree/e\u0301": "decomposed",
      "tree/a\nb": "",
      "tree/script": "#!/bin/sh\n",
      "tree/secret": "",
      "tree/shut/in": "",
    });
    const tree = join(here.path, "tree");
    await mkdir(join(tree, "empty"));
    await symlink("script", join(tree, "link"));
    await symlink("/no/such/file", join(tree, "dangling"));
    await symlink("../..", join(tree, "up"));
    for (const [name, mode] of [
      ["script", 0o755],
      ["secret", 0o600],
      ["shut", 0o500],
      ["empty", 0o1777],
    ] as const) {
      await chmod(join(tree, name), mode);
    }
    const names = await below(tree);
    expect(names).toHaveLength(15);
    const expected: string[] = [];
    for (const name of names.toReversed()) {
      const stats = await lstat(join(tree, name));
      if (!stats.isSymbolicLink()) await utimes(join(tree, name), TIME, TIME);
      const kind = stats.isSymbolicLink()
        ? "symbolic link"
        : stats.isDirectory()
          ? "directory"
          : stats.size === 0
            ? "regular empty file"
            : "regular file";
      const time = stats.isSymbolicLink() ? Math.floor(stats.mtimeMs / 1000) : TIME;
      expected.push(`./${name}|${(stats.mode & 0o7777).toString(8)}|1000:1000|${time}|${kind}`);
    }
    const look = `cd /tmp/uploads/tree && ${LIST}; for link in link dangling up; do readlink $link; done; cat ${long}/${long}/long; echo; stat -c '%a %u %n' . .. /tmp`;
    const { code, stdout, stderr } = await suite.run(["--user", "app", "--file", "./tree", "app", "sh", "-c", look], {
      cwd: here.path,
    });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^Uploading \.\/tree to run\.\d+:\/tmp\/uploads\/tree\n$/),
    });
    const [listed = "", rest = ""] = stdout.split(/(?<=\n)(?=script\n)/);
    expect(
      listed
        .split(/\n(?=\.\/)/)
        .map((line) => line.trimEnd())
        .sort(),
    ).toEqual(expected.sort());
    expect(rest).toBe("script\n/no/such/file\n../..\nlong\n755 1000 .\n755 1000 ..\n1777 0 /tmp\n");
  });

  test.concurrent("preserves the bytes of names that are not UTF-8 in uploads and fetches", async () => {
    const list = "find . | LC_ALL=C sort | od -An -v -tx1";
    const script = String.raw`cd "$(mktemp -d)" && mkdir -p t/$'d\351' && : >t/$'caf\351' && : >t/$'caf\350' && ln -s $'caf\351' t/$'l\377' && : >$'one\351'
      "$@" --file t --file $'one\351' --fetch /tmp/uploads/.:back app sh -c 'cd /tmp/uploads && ${list}' &&
      (cd back && ${list}); rm -r "$PWD"`;
    const names = [".", "./one\xe9", "./t", "./t/caf\xe8", "./t/caf\xe9", "./t/d\xe9", "./t/l\xff"];
    const { code, stdout, stderr } = await suite.bash(script, ["--quiet"]);
    const bytes = Buffer.from(stdout.replaceAll(/\s/g, ""), "hex").toString("latin1");
    const all = names.map((name) => `${name}\n`).join("");
    expect({ code, stderr, bytes }).toEqual({ code: 0, stderr: "", bytes: `${all}${all}` });
  });

  test.concurrent("accepts paths on the command line that are not UTF-8, of files and folders", {
    tags: ["full"],
  }, async () => {
    const script = String.raw`cd "$(mktemp -d)" && mkdir -p $'c\351/sub' && cd $'c\351' && printf 'A="1 2"\n' >e.env && printf B=3 >$'e\351' &&
      printf 'apps: {a: {image: "busybox:local", env-file: e.env}}' >oneoff.yaml &&
      "$0" run -q a sh -c 'echo $A' && (cd sub && "$0" run -q a sh -c 'echo $A') &&
      "$0" run -q --config $'../c\351/oneoff.yaml' a sh -c 'echo $A' && "$0" run -q --env-file $'e\351' a sh -c 'echo $A $B' &&
      "$0" run -q --secret S=@$'e\351' a cat /run/secrets/S; rm -r "$PWD"`;
    const live = await start(["bash", "-c", script, BINARY], { env: { DOCKER_HOST: host }, timeout: 60_000 });
    expect(await said(live)).toEqual({ ...DONE, stdout: "1 2\n1 2\n1 2\n1 2 3\nB=3" });
  });

  test.concurrent("uploads a file byte for byte to the requested path, without a change to its folders", async () => {
    const bytes = randomBytes(1_000_000);
    await using here = await folder({ data: bytes, "a:b": "colon", "d/one": "1" });
    const files = ["data", "data:other", "data:/app/data", "data:/usr/", "a:b:", "d:/app/d", "d/one:deep/er/"];
    const look =
      "sha256sum /tmp/uploads/data /tmp/uploads/other /app/data /usr/data | cut -c -64 | uniq -c; " +
      "cat /tmp/uploads/a:b /app/d/one /tmp/uploads/deep/er/one; echo; stat -c '%a %u' / /app /usr /tmp/uploads/deep/er";
    const { code, stdout, stderr } = await suite.run(
      [...files.flatMap((file) => ["--file", file]), "--user", "1000", "app", "sh", "-c", look],
      { cwd: here.path },
    );
    // With Podman the root of an image without folders has mode 555.
    const root = inject("engine").name === "podman" ? 555 : 755;
    expect(stdout).toBe(`      4 ${sha256(bytes)}\ncolon11\n${root} 0\n755 1000\n755 0\n755 1000\n`);
    const told = [
      ...["data to /tmp/uploads/data", "data to /tmp/uploads/other", "data to /app/data", "data to /usr/data"],
      ...["a:b to /tmp/uploads/a:b", "d to /app/d", "d/one to /tmp/uploads/deep/er/one"],
    ].map((upload) => `Uploading ${upload}\n`);
    expect({ code, stderr: stderr.replaceAll(/run\.\d+:/g, "") }).toEqual({ code: 0, stderr: told.join("") });
  });

  test.concurrent("uploads stdin as a file to EOF, and leaves the command without stdin", async () => {
    const stdin = randomBytes(3_000_000);
    const words = [
      "-q",
      "--file",
      "-:dump",
      "app",
      "sh",
      "-c",
      "sha256sum </tmp/uploads/dump; stat -c %a /tmp/uploads/dump; cat",
    ];
    expect(await suite.run(words, { stdin })).toEqual({ ...DONE, stdout: `${sha256(stdin)}  -\n644\n` });
    expect(await suite.run(["-q", "--file=-", "app", "wc", "-c", "/tmp/uploads/stdin"], { stdin: "" })).toEqual({
      ...DONE,
      stdout: "0 /tmp/uploads/stdin\n",
    });
    expect(await suite.run(["--file=-", "--file=-:x", "app", "true"], { stdin: "" })).toMatchObject({ code: 125 });
  });

  test.concurrent("a detached one-off has its files before its command starts, and after oneoff exits", async () => {
    await using mine = suite.apart();
    await using here = await folder({ data: "content\n" });
    const id = await mine.detached(["--file", "data", "app", "cat", "/tmp/uploads/data"], { cwd: here.path });
    expect(await mine.oneoff(["wait", id])).toEqual(DONE);
    expect(await mine.oneoff(["attach", id])).toEqual({ ...DONE, stdout: "content\n" });
  });

  test.concurrent("uploads into a copied app with a read-only root through volumes, which are removed with it", async () => {
    await using mine = suite.apart();
    await using here = await folder({ data: "content\n", "d/one": "1" });
    const app = await deployed({ ReadonlyRootfs: true, Tmpfs: { "/tmp": "", "/run": "" } });
    const command =
      "cat /tmp/uploads/data /tmp/uploads/d/one /run/secrets/KEY; touch /x; stat -c '%a %u %n' /tmp/uploads; echo ready; cat";
    const words = ["--file", "data", "--file", "d", "--secret", "KEY", "--user", "app", app, "sh", "-c", command];
    const before = (await mine.containers()).length;
    const live = await start([BINARY, "run", "--label", mine.label, ...words], {
      cwd: here.path,
      env: { DOCKER_HOST: host, KEY: "value\n" },
      stdin: "pipe",
      timeout: 60_000,
    });
    await using _live = live;
    const { Mounts, HostConfig } = await mine.running();
    expect(HostConfig.ReadonlyRootfs).toBe(true);
    await eventually(() => expect(live.stdout.toString()).toContain("ready"));
    live.child.stdin?.end();
    const { code, stdout, stderr } = await said(live);
    // The volume's own folder belongs to the engine: only its content is the user's.
    expect(stdout).toMatch(/^content\n1value\n755 (0|1000) \/tmp\/uploads\nready\n$/);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(
        /^Uploading data to (run\.\d+):\/tmp\/uploads\/data\nUploading d to \1:\/tmp\/uploads\/d\ntouch: \/x: Read-only file system\n$/,
      ),
    });
    await mine.gone();
    expect(before).toBe(0);
    const volumes: { Type: string; Name: string; Destination: string }[] = Mounts;
    const added = volumes.filter(({ Type }) => Type === "volume");
    expect(added.map(({ Destination }) => Destination).sort()).toEqual(["/run/secrets", "/tmp/uploads"]);
    for (const { Name } of added) {
      await eventually(async () => expect((await engine.get(`/volumes/${Name}`)).status).toBe(404));
    }
  });

  test.concurrent("uploads below a tmpfs on /tmp or /run through volumes, and refuses a tmpfs at the target itself", async () => {
    await using mine = suite.apart();
    await using here = await folder({ data: "content\n" });
    const tmpfs = ["/tmp", "/run"].flatMap((target) => ["--mount", `type=tmpfs,target=${target}`]);
    const look = "cat /tmp/uploads/data /run/secrets/KEY; grep -c 'tmpfs /tmp ' /proc/mounts";
    const options = { cwd: here.path, env: { KEY: "value\n" } };
    expect(await mine.run([...tmpfs, "-q", "--file=data", "--secret=KEY", "app", "sh", "-c", look], options)).toEqual({
      ...DONE,
      stdout: "content\nvalue\n1\n",
    });
    await mine.gone();
    const other = suite.apart();
    const none = await created(other, async () => {
      const { code, stderr } = await other.run(["--file", "data:/tmp/data", ...tmpfs, "app", "true"], options);
      expect(code).toBe(125);
      expect(stderr).toMatch(/^oneoff: Cannot upload to "\/tmp" in the one-off: it is a tmpfs/);
    });
    expect(none).toBe(0);
  });

  const refusals = "reports a missing or unreadable file before it creates a container";
  test.concurrent(refusals, needs("a socket for all of root"), async () => {
    await using mine = suite.apart();
    await using here = await folder({ fine: "", "shut/in": "", closed: "" });
    await chmod(join(here.path, "shut"), 0o000);
    await chmod(join(here.path, "closed"), 0o000);
    // Root may read everything, so another user runs this.
    const anybody = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"];
    const refused = async (...words: string[]) =>
      said(
        await start([...anybody, ...mine.argv(["--file", "fine", ...words, "app", "true"])], {
          cwd: here.path,
          env: { DOCKER_HOST: host, NOT_HERE: undefined },
          timeout: 60_000,
        }),
      );
    const none = await created(mine, async () => {
      for (const [words, problem] of [
        [["--file", "./none"], 'Cannot read "./none": no such file'],
        [["--file", "closed"], 'Cannot read "closed": permission denied'],
        [["--file", "shut"], 'Cannot read "shut": permission denied'],
        [["--file", "."], `Cannot read "${here.path}/closed": permission denied`],
        [["--file", "/dev/null"], '"/dev/null" is not a file or folder'],
        [["--secret", "NOT_HERE"], "--secret NOT_HERE: the environment variable NOT_HERE is not set"],
        [["--secret", "KEY=@none"], '--secret KEY: "none": no such file'],
        [["--secret", "KEY=@closed"], '--secret KEY: "closed": permission denied'],
      ] as const) {
        const { code, stdout, stderr } = await refused(...words);
        expect({ code, stdout, stderr: stderr.split("\n")[0] }).toEqual({
          code: 125,
          stdout: "",
          stderr: `oneoff: ${problem}`,
        });
      }
    });
    expect(none).toBe(0);
    await chmod(join(here.path, "shut"), 0o700);
  });
});

describe("fetched files", () => {
  test.concurrent("fetches a file with its bytes, mode and time, under its own name or another, also after a failed command", async () => {
    await using here = await folder({ "in/x": "" });
    const make =
      "head -c 5000000 /dev/urandom >/app/r; chmod 640 /app/r; touch -d '2001-02-03 04:05:06' /app/r; sha256sum </app/r; exit 3";
    const fetches = ["/app/r", "/app/r:other", "/app/r:in", "/app/r:made/here/"].flatMap((fetch) => ["--fetch", fetch]);
    const { code, stdout, stderr } = await suite.run([...fetches, "app", "sh", "-c", make], { cwd: here.path });
    const names = ["r", "other", "in/r", "made/here/r"];
    const told = names.map((name) => `Fetched run.N:/app/r to ${name} (4.8 MiB)\n`);
    expect({ code, stderr: stderr.replaceAll(/run\.\d+/g, "run.N") }).toEqual({ code: 3, stderr: told.join("") });
    for (const name of names) {
      const path = join(here.path, name);
      expect(`${sha256(await readFile(path))}  -\n`).toBe(stdout);
      const { mode, mtime } = await lstat(path);
      expect([mode & 0o7777, mtime.toISOString()]).toEqual([0o640, "2001-02-03T04:05:06.000Z"]);
    }
    expect((await readdir(here.path)).sort()).toEqual(["in", "made", "other", "r"]);
  });

  test.concurrent("fetches a folder with all its files, or only the files", async () => {
    await using mine = suite.apart();
    await using here = await folder({ "there/already": "mine" });
    const make = "cd /app; mkdir -p d/e; echo 1 >d/f; echo 2 >'d/e/é ☃'; ln -s e/é\\ ☃ d/l; chmod 500 d/e";
    const fetches = ["--fetch", "/app/d", "--fetch", "/app/d/.:there"];
    expect(await mine.run(["--quiet", ...fetches, "app", "sh", "-c", make], { cwd: here.path })).toEqual(DONE);
    const tree = ["e", "e/é ☃", "f", "l"];
    expect(await below(join(here.path, "d"))).toEqual(tree);
    expect(await below(join(here.path, "there"))).toEqual(["already", ...tree]);
    expect(await readFile(join(here.path, "there/l"), "utf8")).toBe("2\n");
    expect((await lstat(join(here.path, "d/e"))).mode & 0o777).toBe(0o500);
    await chmod(join(here.path, "d/e"), 0o700);
    await chmod(join(here.path, "there/e"), 0o700);
    await mine.gone();
  });

  test.concurrent("refuses to fetch over a local file before anything runs, and replaces it with --force", async () => {
    await using mine = suite.apart();
    await using here = await folder({ r: "mine", "d/r": "mine, too" });
    const words = ["--fetch", "/app/r", "app", "sh", "-c", "echo new >/app/r"];
    const none = await created(mine, async () => {
      expect(await mine.run(words, { cwd: here.path })).toEqual({
        ...{ code: 125, stdout: "", stderr: `oneoff: "${here.path}/r" already exists\n  use --force to replace it\n` },
      });
      expect(await mine.run(["--fetch", "/app/x:no/such/x", "app", "true"], { cwd: here.path })).toMatchObject({
        code: 125,
        stderr: expect.stringMatching(/^oneoff: No such local folder ".*\/no\/such"\n/),
      });
    });
    expect(none).toBe(0);
    expect(await readFile(join(here.path, "r"), "utf8")).toBe("mine");
    expect(await mine.run(["--quiet", "--force", ...words], { cwd: here.path })).toEqual(DONE);
    expect(await readFile(join(here.path, "r"), "utf8")).toBe("new\n");
    // A conflict below a folder is visible only after the transfer: then every file stays unchanged.
    const folderWords = ["--fetch", "/app/d", "app", "sh", "-c", "mkdir /app/d; echo 1 >/app/d/a; echo 2 >/app/d/r"];
    expect(await mine.run(folderWords, { cwd: here.path })).toMatchObject({
      code: 125,
      stderr: expect.stringContaining(`"${here.path}/d/r" already exists`),
    });
    expect(await readdir(join(here.path, "d"))).toEqual(["r"]);
    expect(await readFile(join(here.path, "d/r"), "utf8")).toBe("mine, too");
    expect((await readdir(here.path)).sort()).toEqual(["d", "r"]);
    await mine.gone();
  });

  test.concurrent("reports a missing file to fetch, unless the command itself fails", {
    tags: ["full"],
  }, async () => {
    await using mine = suite.apart();
    await using here = await folder();
    const none = (command: string) =>
      mine.run(["--fetch", "/app/none", "app", "sh", "-c", command], { cwd: here.path });
    const well = await none("true");
    expect(well).toMatchObject({
      code: 125,
      stderr: expect.stringMatching(/^oneoff: No such file or folder "\/app\/none" in run\.\d+\n/),
    });
    const failed = await none("exit 5");
    expect(failed).toMatchObject({ code: 5 });
    expect(failed.stderr).toMatch(/^oneoff: warning: No such file or folder "\/app\/none" in run\.\d+\n$/);
    const several = ["/app/none", "/app/there", "/app/nor"].flatMap((path) => ["--fetch", path]);
    const some = await mine.run([...several, "app", "sh", "-c", "echo content >/app/there"], { cwd: here.path });
    expect(some).toMatchObject({
      code: 125,
      stderr: expect.stringMatching(
        /^Fetched run\.\d+:\/app\/there to there \(8 B\)\noneoff: warning: No such file or folder "\/app\/none" in run\.\d+\noneoff: No such file or folder "\/app\/nor" in run\.\d+\n/,
      ),
    });
    expect(await readFile(join(here.path, "there"), "utf8")).toBe("content\n");
    await mine.gone();
  });

  test.concurrent("a malicious tree writes nothing outside its target, and nothing in it can do harm", async () => {
    await using mine = suite.apart();
    await using here = await folder({ "outside/victim": "untouched", "outside/target/.keep": "" });
    const victim = join(here.path, "outside/victim");
    const make = [
      "mkdir -p /app/out/sub && cd /app/out && echo fine >fine",
      `ln -s ${victim} absolute; ln -s /etc/passwd passwd`,
      "ln -s ../victim up; ln -s sub/../../victim through; ln -s ../../../../../../../../../../etc sub/etc; ln -s .. sub/parent",
      "ln -s sub inside; ln -s /dev/null null-link; ln -s loop loop",
      "cp /bin/busybox suid && chmod 6755 suid; ln suid sub/suid-too; chmod 1777 sub",
      "mknod null c 1 3; mknod disk b 8 0; mkfifo pipe",
      "printf x >\"$(printf 'esc\\033[2Jname')\"; ln -s /x \"$(printf 'bad\\033]0;title\\007')\"",
    ].join("\n");
    const words = ["--fetch", "/app/out", "app", "sh", "-c", make];
    const before = await below(here.path);
    const { code, stdout, stderr } = await mine.run(words, { cwd: join(here.path, "outside/target") });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    const target = join(here.path, "outside/target/out");
    const brought = await below(target);
    expect(brought).toEqual(
      ["esc\x1b[2Jname", "fine", "inside", "loop", "sub", "sub/parent", "sub/suid-too", "suid"].sort(),
    );
    expect((await below(here.path)).filter((name) => !name.includes("/target/out"))).toEqual(before);
    expect(await readFile(victim, "utf8")).toBe("untouched");
    for (const name of brought) {
      const stats = await lstat(join(target, name));
      expect(stats.isFile() || stats.isDirectory() || stats.isSymbolicLink()).toBe(true);
      if (!stats.isSymbolicLink()) expect([name, stats.mode & 0o7000]).toEqual([name, 0]);
    }
    expect(await readlink(join(target, "inside"))).toBe("sub");
    // Podman's containers may not create devices.
    const [written, ...told] = stderr
      .trim()
      .split("\n")
      .reverse()
      .filter((line) => !line.startsWith("mknod: "));
    expect(written).toMatch(/^Fetched run\.\d+:\/app\/out to out \(/);
    expect(told.every((line) => /^oneoff: warning: ".*" was skipped: /.test(line))).toBe(true);
    expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
    const named = (name: string) => told.filter((line) => line.includes(name)).length;
    const devices = stderr.includes("mknod: ") ? [] : ["null", "disk"];
    for (const name of ["absolute", "passwd", "up", "through", "sub/etc", "null-link", ...devices, "pipe", "bad"]) {
      expect([name, named(`out/${name}`) > 0]).toEqual([name, true]);
    }
    await mine.gone();
  });

  test.concurrent("fetches the target of a link that leads out of its folder, never a local file, and refuses a device", {
    tags: ["full"],
  }, async () => {
    await using mine = suite.apart();
    await using here = await folder({ ours: "ours" });
    const make = `mkdir -p ${here.path}; echo theirs >${here.path}/ours; ln -s ${here.path}/ours /app/l; ln -s /dev/zero /app/zero`;
    const fetch = (...words: string[]) => mine.run([...words, "app", "sh", "-c", make], { cwd: here.path });
    expect(await fetch("--quiet", "--fetch", "/app/l:brought")).toEqual(DONE);
    expect(await readFile(join(here.path, "brought"), "utf8")).toBe("theirs\n");
    expect((await lstat(join(here.path, "brought"))).isFile()).toBe(true);
    expect(await fetch("--fetch", "/app/zero")).toMatchObject({ code: 125 });
    expect(await readFile(join(here.path, "ours"), "utf8")).toBe("ours");
    expect((await readdir(here.path)).sort()).toEqual(["brought", "ours"]);
    await mine.gone();
  });
});

describe("secrets", () => {
  test.concurrent("secrets are files of the one-off's user only, byte for byte, from the environment or a file", async () => {
    await using here = await folder({ binary: Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)) });
    const words = ["--secret", "TEXT", "--secret", "EMPTY", "--secret", "a.b-c=@binary", "--user", "app", "app"];
    const look = "cd /run/secrets; stat -c '%n %a %U:%G %s' *; cat TEXT; sha256sum <a.b-c; echo x 2>&- >TEXT || id -u";
    expect(
      await suite.run([...words, "sh", "-c", look], { cwd: here.path, env: { TEXT: "two\nlines\r\n", EMPTY: "" } }),
    ).toEqual({
      ...DONE,
      stdout:
        "EMPTY 400 app:app 0\nTEXT 400 app:app 11\na.b-c 400 app:app 256\ntwo\nlines\r\n" +
        `${sha256(await readFile(join(here.path, "binary")))}  -\n1000\n`,
    });
  });

  test.concurrent("secrets are visible only inside the one-off, and removed with it", async () => {
    await using mine = suite.apart();
    await using here = await folder({ "oneoff.yaml": `apps: {secretive: {image: "busybox:local"}}` });
    const [fromEnv, fromFile] = [randomUUID(), randomUUID()];
    await writeFile(join(here.path, "key"), fromFile);
    const app = "secretive";
    const env = { FROM_ENV: fromEnv, XDG_STATE_HOME: join(here.path, "state"), DOCKER_HOST: host };
    const options = ["--secret", "FROM_ENV", "--secret", "FROM_FILE=@key"];
    const look = "touch /changed; cat /run/secrets/* | wc -c; env; echo ready; cat";
    const argv = [BINARY, "run", "--label", mine.label, ...options, app, "sh", "-c", look];
    await using live = await start(argv, { cwd: here.path, env, stdin: "pipe", timeout: 60_000 });
    await eventually(() => expect(live.stdout.toString()).toContain("ready"));
    const { Id, Image, Mounts } = await mine.running();
    const committed = (await engine.post(`/commit?container=${Id}`)).body.Id;
    await using _committed = { [Symbol.asyncDispose]: async () => void (await engine.delete(`/images/${committed}`)) };
    const oneoff = async (...words: string[]) =>
      said(await start([BINARY, ...words], { cwd: here.path, env, timeout: 60_000 }));
    const journal = join(here.path, "state/oneoff/journal");
    const told = {
      inspect: (await engine.get(`/containers/${Id}/json`)).bytes.toString(),
      list: (await engine.get("/containers/json?all=1")).bytes.toString(),
      image: (await engine.get(`/images/${encodeURIComponent(Image)}/json`)).bytes.toString(),
      history: (await engine.get(`/images/${encodeURIComponent(Image)}/history`)).bytes.toString(),
      changes: (await engine.get(`/containers/${Id}/changes`)).bytes.toString(),
      export: (await engine.get(`/containers/${Id}/export`)).bytes.toString(),
      commit: (await engine.get(`/images/${committed}/get`)).bytes.toString(),
      words: await readFile(`/proc/${live.pid}/cmdline`, "utf8"),
      print: JSON.stringify([
        await oneoff("run", "--print", ...options, app, "true"),
        await oneoff("run", "--print=docker", ...options, app, "true"),
      ]),
      ps: JSON.stringify([await oneoff("ps", app), await oneoff("ps", "--format", "json", app)]),
      info: JSON.stringify(await oneoff("app:info", app)),
      journal: (await Promise.all((await readdir(journal)).map((name) => readFile(join(journal, name), "utf8")))).join(
        "",
      ),
      logs: JSON.stringify(await oneoff("logs", app)),
      output: `${live.stdout}${live.stderr}`,
    };
    // Checks that each of these answers describes this one-off at all.
    const names = {
      ...{
        inspect: Id,
        list: Id,
        image: Image,
        history: "Created",
        changes: "/changed",
        export: "bin/busybox",
        commit: "manifest.json",
        words: mine.label,
      },
      ...{ print: "secretive.run.N", ps: "run/secrets", info: app, journal: Id, logs: "State changed", output: "72\n" },
    };
    expect(Object.keys(names)).toEqual(Object.keys(told));
    for (const [where, text] of Object.entries(names)) {
      expect([where, told[where as keyof typeof told].includes(text)]).toEqual([where, true]);
    }
    expect(told.changes).not.toContain("FROM_ENV");
    for (const [where, text] of Object.entries(told)) {
      expect([where, text.includes(fromEnv), text.includes(fromFile)]).toEqual([where, false, false]);
    }
    const onDisk = await disk(fromEnv);
    live.child.stdin?.end();
    expect((await live.done).code).toBe(0);
    await mine.gone();
    const [volume] = Mounts.filter(({ Destination }: { Destination: string }) => Destination === "/run/secrets");
    await eventually(async () => expect((await engine.get(`/volumes/${volume.Name}`)).status).toBe(404));
    if (!onDisk) return;
    expect(onDisk.every((path) => path.endsWith(`/volumes/${volume.Name}/_data/FROM_ENV`))).toBe(true);
    expect(onDisk).not.toEqual([]);
    // The engine removes files a moment after their container.
    await eventually(async () => expect(await disk(fromEnv)).toEqual([]));
  });

  /** The engine's own files that contain this text; undefined where they cannot be read. */
  async function disk(text: string): Promise<string[] | undefined> {
    const data = engineData(host);
    if (!data) return undefined;
    const { stdout } = await run(["grep", "-rlF", "--exclude=*.db", text, data]);
    return stdout.toString().split("\n").filter(Boolean);
  }

  test.concurrent("refuses a secret at a path that exists, and a secret without a value", async () => {
    await using mine = suite.apart();
    const refused = (...words: string[]) => mine.run([...words, "app", "true"], { env: { KEY: "s3cr3t-value" } });
    const none = await created(mine, async () => {
      for (const words of [
        ["--secret", "KEY=s3cr3t-value"],
        ["--secret", "KEY", "--secret", "KEY=@/etc/hostname"],
        ["--secret", "../KEY"],
        ["--secret", "KEY", "--mount", "type=bind,source=/etc/hostname,target=/run/secrets/KEY"],
      ]) {
        const { code, stdout, stderr } = await refused(...words);
        expect([words, code, stdout]).toEqual([words, 125, ""]);
        expect(stderr).not.toContain("s3cr3t-value");
      }
    });
    expect(none).toBe(0);
  });

  test.concurrent("secrets of a detached one-off remain after oneoff exits, and are removed with it", {
    tags: ["full"],
  }, async () => {
    await using mine = suite.apart();
    const id = await mine.detached(["--secret", "KEY", "app", "sleep", "600"], { env: { KEY: "value" } });
    const stat = await engine.get(`/containers/${id}/archive?path=/run/secrets/KEY`);
    expect(stat.bytes.toString("latin1")).toContain("value");
    expect(JSON.stringify(await inspect(id))).not.toContain('"value"');
    expect((await mine.oneoff(["stop", "--grace", "1s", id])).code).toBe(0);
  });

  test.concurrent("secrets are in no layer of a kept one-off, nor in an image committed from it", {
    tags: ["full"],
  }, async () => {
    await using mine = suite.apart();
    const KEY = randomUUID();
    const options = ["--secret", "KEY", "--file", "/etc/hostname", "--retain", "1h"];
    const command = ["sh", "-c", "cat /run/secrets/KEY | wc -c >/changed"];
    const id = await mine.detached([...options, "app", ...command], { env: { KEY } });
    expect(await mine.oneoff(["wait", id])).toMatchObject({ code: 0 });
    const { Mounts } = await inspect(id);
    const committed = (await engine.post(`/commit?container=${id}`)).body.Id;
    await using _committed = { [Symbol.asyncDispose]: async () => void (await engine.delete(`/images/${committed}`)) };
    const layers = {
      changes: (await engine.get(`/containers/${id}/changes`)).bytes.toString(),
      export: (await engine.get(`/containers/${id}/export`)).bytes.toString("latin1"),
      commit: (await engine.get(`/images/${committed}/get`)).bytes.toString("latin1"),
      inspect: (await engine.get(`/containers/${id}/json`)).bytes.toString(),
    };
    expect(layers.changes).toContain("/changed");
    expect(layers.changes).not.toContain("/run/secrets/KEY");
    expect(layers.export).toMatch(/36\n/);
    for (const [where, text] of Object.entries(layers)) expect([where, text.includes(KEY)]).toEqual([where, false]);
    const onDisk = await disk(KEY);
    const [{ Name: volume }] = Mounts.filter(({ Destination }: Inspected) => Destination === "/run/secrets");
    expect(onDisk?.filter((path) => !path.endsWith(`/volumes/${volume}/_data/KEY`)) ?? []).toEqual([]);
    expect((await engine.delete(`/containers/${id}?v=1`)).status).toBe(204);
    await eventually(async () => expect((await engine.get(`/volumes/${volume}`)).status).toBe(404));
  });
});
