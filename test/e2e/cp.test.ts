import { execFileSync } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { api } from "../support/docker-api.ts";
import { folder } from "../support/folder.ts";
import { BINARY, eventually, type Inspected, oneoffSuite, type Said, said } from "../support/oneoff-suite.ts";
import { install } from "../support/packages.ts";
import { start } from "../support/process.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);
const env = { DOCKER_HOST: host };
const COMMAND_TIMEOUT_MS = 60_000;

const cp = async (cwd: string, ...words: string[]): Promise<Said> =>
  said(await start([BINARY, "cp", ...words], { cwd, env, timeout: COMMAND_TIMEOUT_MS }));
const DONE = { code: 0, stdout: "", stderr: "" };

/** Starts a one-off that runs `script` and waits for its end; `name` is its name for `cp`. */
async function running(script: string, ...options: string[]) {
  const mine = suite.apart();
  const live = await mine.start([...options, "app", "sh", "-c", `${script}\necho ready; sleep 1000`]);
  const container: Inspected = await mine.running();
  await eventually(() => expect(live.stdout.toString()).toContain("ready"));
  return {
    name: container.Name.slice(1) as string,
    /** The output of a command in the one-off. */
    async exec(...Cmd: string[]): Promise<string> {
      const made = await api(host).post(`/containers/${container.Id}/exec`, { Cmd, Tty: true, AttachStdout: true });
      const { bytes } = await api(host).post(`/exec/${made.body.Id}/start`, { Tty: true });
      return bytes.toString().replaceAll("\r\n", "\n");
    },
    async [Symbol.asyncDispose]() {
      await live[Symbol.asyncDispose]();
      await mine[Symbol.asyncDispose]();
    },
  };
}

/** Its name in messages: `run.7364` of `app.run.7364`. */
const short = ({ name }: { readonly name: string }) => name.slice(name.indexOf(".") + 1);

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

describe("cp from a one-off", () => {
  test.concurrent("copies a file from a one-off byte for byte, with its mode and time", async () => {
    await using here = await folder();
    await using oneoff = await running(
      "head -c 20000000 /dev/urandom >/app/r; chmod 4751 /app/r; touch -d '2001-02-03 04:05:06' /app/r; sha256sum /app/r",
    );
    // Progress is shown only where a machine is slow.
    const stderr = expect.stringMatching(
      /^(fetch: \d+% of 19\.1 MiB\n)*Fetched run\.\d+:\/app\/r to r \(19\.1 MiB\)\n$/,
    );
    expect(await cp(here.path, `${oneoff.name}:/app/r`, ".")).toEqual({ ...DONE, stderr });
    expect(`${sha256(`${here.path}/r`)}  /app/r\n`).toBe(await oneoff.exec("sha256sum", "/app/r"));
    const { mode, mtime } = statSync(`${here.path}/r`);
    expect([mode & 0o7777, mtime.toISOString()]).toEqual([0o751, "2001-02-03T04:05:06.000Z"]);
    expect(readdirSync(here.path)).toEqual(["r"]);
  });

  test.concurrent("copies a folder from a one-off as a tree that contains no link to the outside", async () => {
    await using here = await folder();
    await using oneoff = await running(`
      mkdir -p "/app/out/a b/é"; echo 1 >"/app/out/a b/é/f"; ln -s "a b/é/f" /app/out/in
      ln "/app/out/a b/é/f" /app/out/hard
      ln -s /etc /app/out/abs; ln -s ../../etc /app/out/up; mkfifo /app/out/p; chmod 555 "/app/out/a b"`);
    expect(await cp(here.path, `${oneoff.name}:/app/out`, ".")).toEqual({
      code: 0,
      stdout: "",
      stderr: [
        '"out/abs" was skipped: link to "/etc", outside the fetched files',
        '"out/p" was skipped: not a file, directory or link',
        '"out/up" was skipped: link to "../../etc", outside the fetched files',
      ]
        .map((line) => `oneoff: warning: ${line}\n`)
        .concat(`Fetched ${short(oneoff)}:/app/out to out (2 B)\n`)
        .join(""),
    });
    expect(readdirSync(`${here.path}/out`, { recursive: true }).sort()).toEqual([
      "a b",
      "a b/é",
      "a b/é/f",
      "hard",
      "in",
    ]);
    expect(readlinkSync(`${here.path}/out/in`)).toBe("a b/é/f");
    expect(statSync(`${here.path}/out/a b`).mode & 0o777).toBe(0o555);
    chmodSync(`${here.path}/out/a b`, 0o755);
  });

  test.concurrent("cp from a one-off overwrites nothing without --force", async () => {
    await using here = await folder({ r: "mine" });
    await using oneoff = await running("echo new >/app/r");
    expect(await cp(here.path, `${oneoff.name}:/app/r`, ".")).toEqual({
      code: 2,
      stdout: "",
      stderr: `oneoff: "${here.path}/r" already exists\n  use --force to replace it\n`,
    });
    expect(await cp(here.path, "--quiet", "--force", `${oneoff.name}:/app/r`, ".")).toEqual(DONE);
    expect(readFileSync(`${here.path}/r`, "utf8")).toBe("new\n");
  });

  test.concurrent("reports a missing source in a one-off", async () => {
    await using here = await folder();
    await using oneoff = await running("true");
    expect((await cp(here.path, `${oneoff.name}:/app/none`, ".")).stderr).toBe(
      `oneoff: No such file or folder "/app/none" in ${oneoff.name.replace(/^app\./, "")}\n`,
    );
  });

  test.concurrent("reports a source that is on a tmpfs", needs("unseen tmpfs"), async () => {
    await using here = await folder();
    await using oneoff = await running("echo x >/scratch/r", "--mount", "type=tmpfs,target=/scratch");
    expect(await cp(here.path, `${oneoff.name}:/scratch/r`, ".")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("/scratch is a tmpfs, which the engine cannot access"),
    });
    expect(readdirSync(here.path)).toEqual([]);
  });

  test.concurrent("copies from a one-off to stdout as an archive", async () => {
    await using oneoff = await running("mkdir /app/d; echo 1 >/app/d/f");
    const script = `"$1" cp "$2:/app/d" - | tar tf -`;
    const live = await start(["bash", "-c", script, "bash", BINARY, oneoff.name], { env, timeout: COMMAND_TIMEOUT_MS });
    expect(await said(live)).toEqual({ code: 0, stdout: expect.stringMatching(/^d\/?\nd\/f\n$/), stderr: "" });
  });

  test.concurrent("cp preserves the bytes of names that are not UTF-8 in both directions", async () => {
    await using oneoff = await running(
      "mkdir /tmp/d && : >/tmp/d/$(printf 'caf\\351') && : >/tmp/d/$(printf 'caf\\350')",
    );
    const script = String.raw`cd "$1" && "$0" cp --quiet "$2:/tmp/d" . && "$0" cp --quiet $'d/caf\351' "$2":$'/tmp/other\377' &&
      find . | LC_ALL=C sort | od -An -v -tx1`;
    await using here = await folder();
    const live = await start(["bash", "-c", script, BINARY, here.path, oneoff.name], {
      env,
      timeout: COMMAND_TIMEOUT_MS,
    });
    const { code, stdout, stderr } = await said(live);
    const bytes = Buffer.from(stdout.replaceAll(/\s/g, ""), "hex").toString("latin1");
    expect({ code, stderr, bytes }).toEqual({
      code: 0,
      stderr: "",
      bytes: ".\n./d\n./d/caf\xe8\n./d/caf\xe9\n",
    });
    expect(await oneoff.exec("sh", "-c", "find /tmp -name 'other*' | od -An -tx1")).toContain("6f 74 68 65 72 ff 0a");
  });

  test.concurrent(
    "copies a file whose name is not UTF-8 as a file, as an archive, and through a symlink",
    needs("links to bytes"),
    async () => {
      await using oneoff = await running(
        String.raw`cd /tmp; for n in 350 351; do echo $n >"$(printf "caf\\$n")"; done; echo fffd >"$(printf 'caf\357\277\275')"; ln -s "$(printf 'caf\351')" l`,
      );
      const script = String.raw`cd "$1" && "$0" cp -q "$2":$'/tmp/caf\351' . && "$0" cp -q "$2":/tmp/l linked &&
      "$0" cp "$2":$'/tmp/caf\350' - | tar x && "$0" cp -q linked "$2":/tmp/new && "$0" cp -qf $'caf\350' "$2":/tmp/l &&
      for f in *; do echo "$f $(cat "$f")"; done`;
      await using here = await folder();
      const live = await start(["bash", "-c", script, BINARY, here.path, oneoff.name], {
        env,
        timeout: COMMAND_TIMEOUT_MS,
      });
      const { code, stdout, stderr } = await live.done;
      expect({ code, stderr: stderr.toString(), stdout: stdout.toString("latin1") }).toEqual({
        code: 0,
        stderr: "",
        stdout: "caf\xe8 350\ncaf\xe9 351\nlinked 351\n",
      });
      expect(await oneoff.exec("sh", "-c", "cd /tmp; cat new l; test -h l && cat caf$(printf '\\351')")).toBe(
        "351\n350\n350\n",
      );
    },
  );

  test.concurrent("^C leaves no partial file of a copy", async () => {
    await using here = await folder();
    await using oneoff = await running("head -c 300000000 /dev/urandom >/app/r");
    await using live = await start([BINARY, "cp", `${oneoff.name}:/app/r`, "."], { cwd: here.path, env });
    await eventually(() => expect(readdirSync(here.path)[0]).toMatch(/^\.oneoff-/), 5);
    live.child.kill("SIGINT");
    expect(await said(live)).toEqual({
      code: 130,
      stdout: "",
      stderr: "oneoff: Terminated by SIGINT before the copy was complete\n",
    });
    expect(readdirSync(here.path)).toEqual([]);
  });
});

describe("cp into a one-off", () => {
  test.concurrent("copies a file into a one-off byte for byte, with its user as owner, its mode and time", async () => {
    await using here = await folder({ dump: randomBytes(20_000_000) });
    chmodSync(`${here.path}/dump`, 0o640);
    utimesSync(`${here.path}/dump`, 981_173_106, 981_173_106);
    await using oneoff = await running("", "--user", "app");
    expect(await cp(here.path, "./dump", `${oneoff.name}:/app/`)).toEqual({
      ...DONE,
      stderr: `Uploading ./dump to ${short(oneoff)}:/app/dump\n`,
    });
    expect(await oneoff.exec("sha256sum", "/app/dump")).toBe(`${sha256(`${here.path}/dump`)}  /app/dump\n`);
    expect(await oneoff.exec("stat", "-c", "%a %u:%g %Y", "/app/dump")).toBe("640 1000:1000 981173106\n");
  });

  test.concurrent("copies a folder into a one-off with its tree, long names and symlinks", async () => {
    const long = "x".repeat(250);
    await using here = await folder({ [`d/${long}/${long}`]: "long", "d/é ☃": "" });
    symlinkSync("../none", `${here.path}/d/l`);
    await using oneoff = await running("");
    expect(await cp(here.path, "--quiet", "d", `${oneoff.name}:/tmp`)).toEqual(DONE);
    expect(await oneoff.exec("cat", `/tmp/d/${long}/${long}`)).toBe("long");
    expect(await oneoff.exec("readlink", "/tmp/d/l")).toBe("../none\n");
    expect(await oneoff.exec("find", "/tmp/d", "-name", "é ☃")).toBe("/tmp/d/é ☃\n");
    expect(await oneoff.exec("stat", "-c", "%a", "/tmp")).toBe("1777\n");
  });

  test.concurrent("cp into a one-off overwrites nothing without --force", async () => {
    await using here = await folder({ passwd: "mine" });
    await using oneoff = await running("");
    const target = `${oneoff.name}:/etc`;
    expect(await cp(here.path, "passwd", target)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"/etc/passwd" already exists in run.'),
    });
    expect(await cp(here.path, "-qf", "passwd", target)).toEqual(DONE);
    expect(await oneoff.exec("cat", "/etc/passwd")).toBe("mine");
  });

  test.concurrent("copies an archive from stdin into a one-off", async () => {
    await using here = await folder({ "d/f": "1" });
    await using oneoff = await running("");
    const script = `tar cf - d | "$1" cp - "$2:/app"`;
    const live = await start(["bash", "-c", script, "bash", BINARY, oneoff.name], {
      cwd: here.path,
      env,
      timeout: COMMAND_TIMEOUT_MS,
    });
    expect(await said(live)).toEqual({ ...DONE, stderr: `Uploading stdin to ${short(oneoff)}:/app\n` });
    expect(await oneoff.exec("cat", "/app/d/f")).toBe("1");
  });

  test.concurrent("reports a file that grows while it is copied", async () => {
    await using here = await folder({ "d/a": Buffer.alloc(200_000_000), "d/log": "1" });
    await using oneoff = await running("");
    await using writer = await start(["bash", "-c", "while :; do echo >>d/log; done"], { cwd: here.path });
    await sleep(100);
    expect(await cp(here.path, "-q", "d", `${oneoff.name}:/tmp`)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`The size of "${here.path}/d/log" changed during the upload`),
    });
    writer.child.kill();
    expect(lstatSync(here.path).isDirectory()).toBe(true);
  });

  test.concurrent("refuses to copy into a tmpfs", async () => {
    await using here = await folder({ f: "1" });
    await using oneoff = await running("", "--mount", "type=tmpfs,target=/scratch");
    expect(await cp(here.path, "f", `${oneoff.name}:/scratch/f`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Cannot upload to "/scratch" in the one-off: it is a tmpfs'),
    });
  });
});

describe("cp and docker cp", needs("docker's client", "docker's copies"), () => {
  const SCENE = `cd "$1" && echo $2 >f && mkdir d && echo $2 >d/$2 && ln -s f file-link && ln -s d dir-link && ln -s new dangling &&
    ln -s /nonesuch/x nowhere && ln -s file-link twice`;
  const LIST = `cd "$1" && find . | sort | while read -r one; do
    if [ -h "$one" ]; then echo "$one -> $(readlink "$one")"; elif [ -d "$one" ]; then echo "$one/"; else echo "$one $(cat "$one")"; fi; done`;

  const INTO = [
    ["f", "f"],
    ["f", "f/"],
    ["f", "new"],
    ["f", "new/"],
    ["f", "none/new"],
    ["f", "f/new"],
    ["f", "d"],
    ["f", "d/"],
    ["f", "file-link"],
    ["f", "file-link/"],
    ["f", "twice"],
    ["f", "dir-link"],
    ["f", "dangling"],
    ["f", "nowhere"],
    ["f/", "new"],
    ["f/.", "new"],
    ["f/x", "new"],
    ["none", "new"],
    ["d", "f"],
    ["d", "file-link"],
    ["d", "new"],
    ["d", "new/"],
    ["d", "d"],
    ["d", "dir-link"],
    ["d", "dangling"],
    ["d", "none/new"],
    ["d/.", "f"],
    ["d/.", "dir-link"],
    [".", "new"],
    [".", "d"],
    ["d/..", "new"],
  ] as const;
  const OUT = [
    ["f", "f"],
    ["f", "f/"],
    ["f", "new"],
    ["f", "none/new"],
    ["f", "f/new"],
    ["f", "d/"],
    ["f", "file-link"],
    ["f", "file-link/"],
    ["f", "twice"],
    ["f", "dir-link"],
    ["f", "dangling"],
    ["f", "nowhere"],
    ["f/", "new"],
    ["f/.", "new"],
    ["f/x", "new"],
    ["none", "new"],
    ["none/", "new"],
    ["d", "f"],
    ["d", "f/"],
    ["d", "file-link"],
    ["d", "new"],
    ["d", "none/new"],
    ["d", "d"],
    ["d/.", "f"],
    ["d/.", "dir-link"],
    ["d", "dangling"],
    ["dir-link/", "new"],
  ] as const;

  /** Copies with both clients, each between places of its own, and returns both results. */
  async function compare(cases: readonly (readonly [string, string])[], isInto: boolean) {
    await install("docker");
    await using here = await folder();
    await using oneoff = await running("mkdir /t");
    const copy = async (who: "docker" | "oneoff", source: string, target: string, at: number) => {
      const place = `${who}${at}`;
      const [local, remote] = [`${here.path}/${place}`, `/t/${place}`];
      mkdirSync(local);
      execFileSync("sh", ["-ec", SCENE, "sh", local, "local"]);
      await oneoff.exec("sh", "-ec", `mkdir "$1"; ${SCENE}`, "sh", remote, "remote");
      const inside = (path: string) => `${oneoff.name}:${remote}/${path}`;
      const words = isInto ? [source, inside(target)] : [inside(source), target];
      const argv = who === "docker" ? ["docker", "cp", ...words] : [BINARY, "cp", "-qf", ...words];
      const { code, stderr } = await said(await start(argv, { cwd: local, env, timeout: COMMAND_TIMEOUT_MS }));
      const left = isInto
        ? await oneoff.exec("sh", "-c", LIST, "sh", remote)
        : execFileSync("sh", ["-c", LIST, "sh", local]).toString();
      expect([source, target, stderr]).toEqual([
        source,
        target,
        expect.not.stringMatching(/answered \d|Bug in oneoff|ENO/),
      ]);
      return { source, target, succeeds: code === 0, left };
    };
    const results = { docker: [] as unknown[], oneoff: [] as unknown[] };
    for (const [at, [source, target]] of cases.entries()) {
      results.docker.push(await copy("docker", source, target, at));
      results.oneoff.push(await copy("oneoff", source, target, at));
    }
    return results;
  }

  /** Sources of `--file`, from `SCENE`, for a container that is not started. */
  const FILES = [
    ...INTO.filter(([source]) => source !== "none" && source !== "f/x"),
    ["d", "twice"],
    ["f", "nowhere/x"],
    ["d", "f/new"],
  ] as const;

  test.concurrent("--file copies into a one-off that has not started as docker cp does", {
    tags: ["full"],
  }, async () => {
    await install("docker");
    await using here = await folder();
    const image = `scene-${randomUUID()}`;
    const ran = async (argv: string[]) => said(await start(argv, { cwd: here.path, env, timeout: COMMAND_TIMEOUT_MS }));
    const docker = async (...words: string[]) => {
      const { code, stdout, stderr } = await ran(["docker", ...words]);
      if (code !== 0) throw new Error(stderr);
      return stdout.trim();
    };
    execFileSync("sh", ["-ec", SCENE, "sh", here.path, "local"]);
    const scene = await docker("create", "busybox:local", "sh", "-ec", `mkdir /t; ${SCENE}`, "sh", "/t", "remote");
    await docker("start", "--attach", scene);
    await docker("commit", scene, image);
    await docker("rm", scene);
    const list = ["sh", "-c", LIST, "sh", "/t"];
    for (const [source, target] of FILES) {
      const id = await docker("create", image, ...list);
      const copied = await ran(["docker", "cp", source, `${id}:/t/${target}`]);
      const expected = copied.code === 0 ? await docker("start", "--attach", id) : "";
      await docker("rm", id);
      const words = ["--file", `${source}:/t/${target}`, "app", ...list];
      const { code, stdout, stderr } = await ran([
        BINARY,
        "run",
        "-q",
        "--label",
        suite.label,
        "--image",
        image,
        ...words,
      ]);
      expect({ source, target, succeeds: code === 0, left: stdout.trim() }).toEqual({
        source,
        target,
        succeeds: copied.code === 0,
        left: expected,
      });
      expect([source, target, code, stderr]).toEqual([
        source,
        target,
        copied.code === 0 ? 0 : 125,
        copied.code === 0 ? "" : expect.stringMatching(/^oneoff: .*(is not a folder|No such folder "|Cannot read)/),
      ]);
    }
    await docker("rmi", image);
  });

  test.concurrent("copies names that differ only by bytes in both directions as docker cp does", {
    tags: ["full"],
  }, async () => {
    await install("docker");
    await using here = await folder();
    await using oneoff = await running("");
    const list = 'find . -type f | LC_ALL=C sort | while read -r f; do echo "$f $(cat "$f")"; done | od -An -v -tx1';
    const script = String.raw`export LC_ALL=C; cd "$1" && mkdir d && for n in '\350' '\351' '\303\251' 'e\314\201' '\357\277\275'; do
        echo "$n" >"d/$(printf "caf$n")"; done
      "$0" cp -q d "$2:/tmp/oneoff" && docker cp d "$2:/tmp/docker" &&
      "$0" cp -q "$2:/tmp/docker" oneoff && docker cp "$2:/tmp/oneoff" docker && (cd oneoff && ${list}) && echo - && (cd docker && ${list})`;
    const live = await start(["bash", "-c", script, BINARY, here.path, oneoff.name], {
      env,
      timeout: COMMAND_TIMEOUT_MS,
    });
    const { code, stdout } = await said(live);
    expect(code).toBe(0);
    const [ours, dockers] = stdout.replaceAll(/[^\S\n]/g, "").split("\n-\n");
    expect(ours?.trim()).toBe(dockers?.trim());
    expect(Buffer.from(ours?.replaceAll("\n", "") ?? "", "hex").toString("latin1")).toBe(
      [
        ["e\xcc\x81", "e\\314\\201"],
        ["\xc3\xa9", "\\303\\251"],
        ["\xe8", "\\350"],
        ["\xe9", "\\351"],
        ["\xef\xbf\xbd", "\\357\\277\\275"],
      ]
        .map(([name, content]) => `./caf${name} ${content}\n`)
        .join(""),
    );
    const inside = (folder: string) => oneoff.exec("sh", "-c", `cd ${folder}; ${list}`);
    expect(await inside("/tmp/oneoff")).toBe(await inside("/tmp/docker"));
  });

  const same = async (cases: Parameters<typeof compare>[0], isInto: boolean) => {
    const { docker, oneoff } = await compare(cases, isInto);
    expect(oneoff).toEqual(docker);
  };
  const some = <T>(cases: readonly T[]) => cases.filter((_, at) => at % 6 === 0);
  test.concurrent("copies some sources into a one-off as docker cp does", () => same(some(INTO), true));
  test.concurrent("copies some sources from a one-off as docker cp does", () => same(some(OUT), false));
  test.concurrent("copies all sources into a one-off as docker cp does", { tags: ["full"] }, () => same(INTO, true));
  test.concurrent("copies all sources from a one-off as docker cp does", { tags: ["full"] }, () => same(OUT, false));
});
