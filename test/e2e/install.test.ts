import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const script = fileURLToPath(new URL("../../install.sh", import.meta.url));
const platform = `linux-${process.arch}`;
const otherArch = process.arch === "x64" ? "arm64" : "x64";
const machine = { x64: 0x3e, arm64: 0xb7 };
const root = process.getuid?.() === 0;
const nobody = 65534;

/** Real executables of this machine stand in for oneoff: they start, and know --version (`false` fails at it). */
const works = fs.readFileSync("/bin/true");
const fails = fs.readFileSync("/bin/false");
const sleeps = fs.readFileSync("/bin/sleep");
const versionOf = (file: string) => spawnSync(file, ["--version"], { encoding: "utf8" }).stdout.split("\n")[0];

const systemPath = process.env.PATH ?? "/usr/bin:/bin";
const which = (name: string) =>
  systemPath
    .split(":")
    .map((dir) => path.join(dir, name))
    .find((file) => fs.existsSync(file));

/** Everything install.sh calls, but for what it checks the checksum with. */
const tools = "awk cat chmod cp cut dirname head id mkdir mktemp mv od rm sed tr uname".split(" ");

let dir: string;
let to: string;
let children: ChildProcess[] = [];

beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), "it's an install "));
  fs.chmodSync(dir, 0o755);
  to = path.join(dir, "the target");
});

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
  fs.rmSync(dir, { recursive: true, force: true });
});

type Options = { path?: string; cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; input?: string; shell?: string[] };

/** Runs `sh install.sh …` with nothing but PATH in its environment: so without a HOME, always. */
function install(args: string[], options: Options = {}, file = script) {
  const [shell = "sh", ...before] = options.shell ?? ["sh"];
  const { status, stdout, stderr } = spawnSync(
    shell,
    [...before, ...(options.input ? ["-s", "--"] : [file]), ...args],
    {
      encoding: "utf8",
      env: { PATH: options.path ?? systemPath, ...options.env },
      cwd: options.cwd ?? dir,
      ...(options.input ? { input: options.input } : {}),
      ...(options.uid ? { uid: options.uid, gid: options.uid } : {}),
    },
  );
  return { status, stdout, stderr };
}

const sum = (file: string) =>
  spawnSync("sha256sum", [path.basename(file)], { cwd: path.dirname(file), encoding: "utf8" }).stdout;

/** A file in the test's folder. */
function write(name: string, content: string | Buffer, mode = 0o644): string {
  const file = path.join(dir, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content, { mode });
  return file;
}

/** A binary as it is handed out: not executable yet, with its checksum beside it. */
function release(name = "a release/oneoff", content: Buffer = works): string {
  const file = write(name, content);
  fs.writeFileSync(`${file}.sha256`, sum(file));
  return file;
}

/** A PATH where one command is replaced by the given shell script. */
function stub(name: string, body: string): string {
  write(`stubs/${name}`, `#!/bin/sh\n${body}\n`, 0o755);
  return `${path.join(dir, "stubs")}:${systemPath}`;
}

/** A PATH of only what install.sh needs, and these. */
function only(...more: string[]): string {
  const bin = path.join(dir, "only");
  fs.mkdirSync(bin);
  for (const name of [...tools, ...more]) fs.symlinkSync(which(name) ?? name, path.join(bin, name));
  return bin;
}

/** What is in a folder, without the record of what was installed there. */
const names = (folder: string) => fs.readdirSync(folder).filter((name) => name !== ".oneoff.installed");

/** A header of another kind of executable, with something behind it. */
const header = (hex: string) => Buffer.concat([Buffer.from(hex, "hex"), Buffer.alloc(4096)]);

/** The stand-in, its ELF header changed. */
function patched(change: (elf: Buffer) => void): Buffer {
  const elf = Buffer.from(works);
  change(elf);
  return elf;
}

const ok = (args: string[], options: Options = {}, file = script) => {
  const done = install(args, options, file);
  expect(done, done.stderr).toMatchObject({ status: 0 });
  return done;
};

describe.runIf(process.platform === "linux")("install.sh", () => {
  describe("installs", () => {
    test("a file into a folder it makes, executable, and says what is where and its version, in one line", () => {
      to = path.join(dir, "not yet", "there");
      const { stdout } = ok(["--from", release(), "--to", to]);
      expect(stdout).toBe(`installed ${to}/oneoff, version ${versionOf("/bin/true")}\n`);
      expect(names(to)).toEqual(["oneoff"]);
      expect(fs.readFileSync(path.join(to, "oneoff")).equals(works)).toBe(true);
      expect(fs.statSync(path.join(to, "oneoff")).mode & 0o777).toBe(0o755);
    });

    test("with mode 755 whatever the umask", () => {
      ok(["--from", release(), "--to", to], { shell: ["sh", "-c", 'umask 077; exec sh "$@"', "sh"] });
      expect(fs.statSync(path.join(to, "oneoff")).mode & 0o777).toBe(0o755);
    });

    test("from a folder that holds a plain oneoff", () => {
      ok(["--from", path.dirname(release()), "--to", to]);
      expect(names(to)).toEqual(["oneoff"]);
    });

    test("from a folder of several the one that is named for this machine", () => {
      release("out/oneoff", fails);
      release(`out/oneoff-linux-${otherArch}`, fails);
      release(`out/oneoff-${platform}`);
      ok(["--from", "out", "--to", to]);
      expect(fs.readFileSync(path.join(to, "oneoff")).equals(works)).toBe(true);
    });

    test("from the folder install.sh is in when no source is given", () => {
      fs.copyFileSync(script, path.join(dir, "install.sh"));
      release("oneoff");
      release("dist/oneoff", fails);
      ok(["--to", to], { cwd: "/" }, path.join(dir, "install.sh"));
      expect(names(to)).toEqual(["oneoff"]);
    });

    test("from the dist folder beside install.sh when its own folder has none, whatever CDPATH says", () => {
      release(`here/dist/oneoff-${platform}`);
      fs.copyFileSync(script, path.join(dir, "here", "install.sh"));
      release(`elsewhere/here/oneoff`, fails);
      ok(["--to", to], { env: { CDPATH: path.join(dir, "elsewhere") } }, "here/install.sh");
      expect(fs.readFileSync(path.join(to, "oneoff")).equals(works)).toBe(true);
    });

    test("relative paths from the folder it is called in", () => {
      release();
      const { stdout } = ok(["--to", "the target", "--from", "a release/oneoff"]);
      expect(stdout).toContain(`installed ${to}/oneoff,`);
    });

    test("when piped into sh, given a source", () => {
      ok(["--from", release(), "--to", to], { input: fs.readFileSync(script, "utf8") });
      expect(names(to)).toEqual(["oneoff"]);
    });

    test("with a checksum file in upper case, with CRLF, of binary mode", () => {
      const file = release();
      const [hex = ""] = sum(file).split(" ");
      fs.writeFileSync(`${file}.sha256`, `${hex.toUpperCase()} *oneoff\r\n`);
      ok(["--from", file, "--to", to]);
    });

    test.skipIf(!which("shasum"))("with shasum where there is no sha256sum", () => {
      ok(["--from", release(), "--to", to], { path: only("shasum", "sh") });
      expect(names(to)).toEqual(["oneoff"]);
    });

    test.skipIf(!root)("without root into a folder of the user's own", () => {
      const home = path.join(dir, "home");
      fs.mkdirSync(home);
      fs.chownSync(home, nobody, nobody);
      fs.copyFileSync(script, path.join(dir, "install.sh"));
      ok(["--from", release(), "--to", `${home}/.local/bin`], { uid: nobody }, path.join(dir, "install.sh"));
      expect(names(`${home}/.local/bin`)).toEqual(["oneoff"]);
    });

    for (const shell of [["dash"], ["bash", "--posix"], ["busybox", "sh"]]) {
      test.skipIf(!which(shell[0] ?? ""))(`and removes in ${shell.join(" ")}`, () => {
        ok(["--from", release(), "--to", to], { shell });
        ok(["--uninstall", "--to", to], { shell });
        expect(names(to)).toEqual([]);
      });
    }
  });

  describe("replaces", () => {
    test("a oneoff that is running, which goes on running", async () => {
      ok(["--from", release("old/oneoff", sleeps), "--to", to]);
      const running = spawn(path.join(to, "oneoff"), ["60"]);
      children.push(running);
      await once(running, "spawn");
      const { stdout } = ok(["--from", release(), "--to", to]);
      expect(stdout).toContain(versionOf("/bin/true"));
      expect(fs.readFileSync(path.join(to, "oneoff")).equals(works)).toBe(true);
      expect(names(to)).toEqual(["oneoff"]);
      expect(running.exitCode).toBe(null);
      expect(running.kill(0)).toBe(true);
    });

    test("a symbolic link, not the file it leads to", () => {
      const other = write("other", "kept");
      fs.mkdirSync(to);
      fs.symlinkSync(other, path.join(to, "oneoff"));
      ok(["--from", release(), "--to", to]);
      expect(fs.readFileSync(other, "utf8")).toBe("kept");
      expect(fs.lstatSync(path.join(to, "oneoff")).isFile()).toBe(true);
    });

    test("itself, when the source is what is installed", () => {
      const file = release("the target/oneoff");
      ok(["--from", file, "--to", to]);
      expect(fs.readFileSync(file).equals(works)).toBe(true);
    });
  });

  describe("warns", () => {
    test("when the target is not on PATH, with the line to add it that works", () => {
      const { stderr } = ok(["--from", release(), "--to", to]);
      expect(stderr).toMatch(/^install\.sh: warning: PATH finds no oneoff, not this one; run: export PATH=.*\n$/);
      const line = stderr.slice(stderr.indexOf("export PATH"));
      const found = spawnSync("sh", ["-c", `${line}command -v oneoff`], { encoding: "utf8" });
      expect(found.stdout).toBe(`${to}/oneoff\n`);
    });

    test("when another oneoff comes first on PATH", () => {
      const other = write("other/oneoff", "#!/bin/sh\n", 0o755);
      const { stderr } = ok(["--from", release(), "--to", to], { path: `${path.dirname(other)}:${to}:${systemPath}` });
      expect(stderr).toContain(`warning: PATH finds ${other}, not this one`);
    });

    test("of nothing when the target is on PATH, also with a slash at its end or through a link", () => {
      const link = path.join(dir, "link");
      fs.symlinkSync(to, link);
      for (const entry of [to, `${to}/`, link]) {
        expect(ok(["--from", release(), "--to", to], { path: `${entry}:${systemPath}` }).stderr).toBe("");
      }
    });
  });

  type Refusal = { title: string; says: RegExp; call: () => [args: string[], options?: Options, file?: string] };
  const refusals: Refusal[] = [
    {
      title: "a source that is not there",
      says: /no such file or folder: \S+missing; use --from /,
      call: () => [["--from", "/missing", "--to", to]],
    },
    {
      title: "a source that is not a file or folder",
      says: /no such file or folder: \/dev\/null; use --from /,
      call: () => [["--from", "/dev/null", "--to", to]],
    },
    {
      title: "a folder with no oneoff for this machine",
      says: new RegExp(`no oneoff-${platform} or oneoff in .*/out; use --from `),
      call: () => {
        release(`out/oneoff-linux-${otherArch}`);
        return [["--from", "out", "--to", to]];
      },
    },
    {
      title: "to guess a source when neither its folder nor dist there has one",
      says: new RegExp(`no oneoff-${platform} or oneoff in .* or .*/dist; build it .* or use --from`),
      call: () => {
        fs.mkdirSync(path.join(dir, "bare"), { recursive: true });
        fs.copyFileSync(script, path.join(dir, "bare", "install.sh"));
        return [["--to", to], {}, path.join(dir, "bare", "install.sh")];
      },
    },
    {
      title: "to guess a source when it is piped into sh",
      says: /no source: install\.sh is not run from a file; use --from FILE\|DIR/,
      call: () => [["--to", to], { input: fs.readFileSync(script, "utf8") }],
    },
    {
      title: "a source without its checksum file",
      says: /no checksum: cannot read .*\/oneoff\.sha256; copy it from the release of the binary/,
      call: () => [["--from", write("plain/oneoff", works), "--to", to]],
    },
    {
      title: "a source that is not what its checksum says",
      says: /wrong checksum: .* does not match .*\.sha256; download both again/,
      call: () => {
        const file = release();
        fs.appendFileSync(file, "x");
        return [["--from", file, "--to", to]];
      },
    },
    ...["", "not a checksum\n", `${"0".repeat(63)}  oneoff\n`, `${"g".repeat(64)}  oneoff\n`].map((content) => ({
      title: `a checksum file of ${JSON.stringify(content)}`,
      says: /invalid checksum file .*\.sha256: expected 'HEX {2}name' as in sha256sum; download it again/,
      call: (): [string[]] => {
        const file = release();
        fs.writeFileSync(`${file}.sha256`, content);
        return [["--from", file, "--to", to]];
      },
    })),
    {
      title: "to go on where there is nothing to verify a checksum with",
      says: /sha256sum and shasum not found; install coreutils/,
      call: () => {
        fs.rmSync(path.join(dir, "only"), { recursive: true, force: true });
        return [["--from", release(), "--to", to], { path: only("sh") }];
      },
    },
    ...(
      [
        [`linux-${otherArch}`, patched((elf) => elf.writeUInt16LE(machine[otherArch], 18))],
        ["macos-x64", header("cffaedfe07000001")],
        ["macos-arm64", header("cffaedfe0c000001")],
        ["not a 64-bit ELF or Mach-O executable", patched((elf) => elf.writeUInt8(1, 4))],
        ["not a 64-bit ELF or Mach-O executable", patched((elf) => elf.writeUInt16LE(0x28, 18))],
        ["not a 64-bit ELF or Mach-O executable", Buffer.from("#!/bin/sh\necho 1.0\n")],
        ["not a 64-bit ELF or Mach-O executable", Buffer.alloc(0)],
      ] as const
    ).map(([kind, content], n) => ({
      title: `a file for another platform (${n + 1}: ${kind})`,
      says: new RegExp(
        `wrong platform: .* is ${kind}, this machine is ${platform}; use --from with oneoff-${platform}`,
      ),
      call: (): [string[]] => [["--from", release("foreign/oneoff", content), "--to", to]],
    })),
    {
      title: "a system that oneoff is not made for",
      says: /unsupported platform: FreeBSD on amd64; use Linux or macOS on x64 or arm64/,
      call: () => [
        ["--from", release(), "--to", to],
        { path: stub("uname", "case $1 in -s) echo FreeBSD ;; *) echo amd64 ;; esac") },
      ],
    },
    {
      title: "a file that does not start",
      says: /does not start \(.+\); if .* is mounted noexec, use another folder with --to DIR/,
      call: () => [["--from", release("broken/oneoff", fails), "--to", to]],
    },
    {
      title: "a copy that fails",
      says: /copy of .* is incomplete; check the free space, then retry/,
      call: () => [["--from", release(), "--to", to], { path: stub("cp", 'head -c 99 "$2" >"$3"; exit 1') }],
    },
    {
      title: "a copy that is not whole",
      says: /copy of .* is incomplete; check the free space, then retry/,
      call: () => [["--from", release(), "--to", to], { path: stub("cp", 'head -c 99 "$2" >"$3"') }],
    },
    {
      title: "when the move into place fails",
      says: /cannot replace .*\/oneoff/,
      call: () => [["--from", release(), "--to", to], { path: stub("mv", "exit 1") }],
    },
  ];

  describe.each(refusals)("refuses $title", ({ says, call }) => {
    test("in one line that says what to type next, and leaves nothing", () => {
      const { status, stdout, stderr } = install(...call());
      expect(stderr).toMatch(/^install\.sh: .+\n$/);
      expect(stderr).toMatch(says);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(fs.existsSync(to) ? names(to) : []).toEqual([]);
    });

    test("and leaves an installed one as it was", () => {
      const old = write("the target/oneoff", "old", 0o755);
      expect(install(...call()).status).toBe(1);
      expect(names(to)).toEqual(["oneoff"]);
      expect(fs.readFileSync(old, "utf8")).toBe("old");
    });
  });

  describe("refuses a target", () => {
    test("whose folder cannot be made", () => {
      const file = write("a file", "");
      const { status, stderr } = install(["--from", release(), "--to", path.join(file, "bin")]);
      expect(stderr).toMatch(/^install\.sh: cannot create the folder .*a file\/bin.*; use a folder of your own.*\n$/);
      expect(status).toBe(1);
      expect(fs.readFileSync(file, "utf8")).toBe("");
    });

    test("that cannot be written to", () => {
      const { status, stderr } = install(["--from", release(), "--to", "/proc"]);
      expect(stderr).toMatch(/^install\.sh: cannot write to \/proc.*; use a folder of your own.*--to.*\n$/);
      expect(status).toBe(1);
    });

    test("where oneoff is a folder, and puts nothing into it", () => {
      fs.mkdirSync(path.join(to, "oneoff"), { recursive: true });
      const { status, stderr } = install(["--from", release(), "--to", to]);
      expect(stderr).toMatch(/^install\.sh: .*\/oneoff is a folder; remove it, or use another folder with --to DIR\n$/);
      expect(status).toBe(1);
      expect(fs.readdirSync(to, { recursive: true })).toEqual(["oneoff"]);
    });

    test("of /usr/local/bin, the default, naming it, when it cannot be made", () => {
      stub("mktemp", "exit 1"); // so that nothing can be put there, whatever happens
      const { status, stderr } = install(["--from", release()], { path: stub("mkdir", "exit 1") });
      expect(stderr).toMatch(/^install\.sh: cannot create the folder \/usr\/local\/bin[;,]/);
      expect(status).toBe(1);
    });

    test.skipIf(!root)("of root's with the sudo command that works, which it does not run by itself", () => {
      const mine = path.join(dir, "install.sh");
      fs.copyFileSync(script, mine);
      fs.mkdirSync(to);
      const withSudo = stub("sudo", 'echo "$1" >>"$0.called"; exec "$@"');
      const marker = path.join(dir, "stubs", "sudo.called");

      for (const args of [
        ["--from", release(), "--to", to],
        ["--uninstall", "--to", to],
      ]) {
        const before = names(to);
        const { status, stderr } = install(args, { uid: nobody, path: withSudo }, mine);
        expect(stderr).toMatch(/^install\.sh: cannot .*; use a folder of your own, .* or run as root: sudo sh .*\n$/);
        expect(status).toBe(1);
        expect(fs.existsSync(marker)).toBe(false);
        expect(names(to)).toEqual(before);

        const typed = stderr.slice(stderr.indexOf("sudo sh"));
        const done = spawnSync("sh", ["-c", typed], { encoding: "utf8", cwd: dir, env: { PATH: withSudo } });
        expect(done, done.stderr).toMatchObject({ status: 0 });
        expect(names(to)).toEqual(before.length ? [] : ["oneoff"]);
        fs.rmSync(marker);
      }
    });
  });

  describe.each([
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ended by %s", (signal, code) => {
    test.each([
      ["the copy", "cp", 'head -c 99 "$2" >"$3"; exec sleep 60'],
      ["the move into place", "mv", "exec sleep 60"],
    ])("during %s leaves only what was there before", async (_, command, body) => {
      const old = write("the target/oneoff", "old", 0o755);
      const env = { PATH: stub(command, `: >"$0.called"; ${body}`) };
      const child = spawn("sh", [script, "--from", release(), "--to", to], { env, cwd: dir, detached: true });
      children.push(child);
      const exit = once(child, "exit");
      while (!fs.existsSync(path.join(dir, "stubs", `${command}.called`))) await sleep(10);
      expect(names(to)).toHaveLength(2);
      process.kill(-(child.pid as number), signal); // the group, as a terminal does
      expect((await exit)[0]).toBe(code);
      expect(names(to)).toEqual(["oneoff"]);
      expect(fs.readFileSync(old, "utf8")).toBe("old");
    });
  });

  describe("what lies beside the binary", () => {
    const files = {
      "oneoff.1": "man",
      "completions/oneoff.bash": "b",
      "completions/_oneoff": "z",
      "completions/oneoff.fish": "f",
    };
    const share = () => path.join(dir, "prefix", "share");
    const places = [
      "bash-completion/completions/oneoff",
      "fish/vendor_completions.d/oneoff.fish",
      "man/man1/oneoff.1",
      "zsh/site-functions/_oneoff",
    ];
    /** All files below, hidden ones too. */
    const found = () =>
      fs.existsSync(share())
        ? (fs.readdirSync(share(), { recursive: true, withFileTypes: true }) as fs.Dirent[])
            .filter((entry) => !entry.isDirectory())
            .map((entry) => path.relative(share(), path.join(entry.parentPath, entry.name)))
            .sort()
        : [];
    /** As an archive has it: with all sums in one file. */
    function unpacked(): string {
      const file = release();
      for (const [name, content] of Object.entries(files)) write(`a release/${name}`, content);
      const sums = spawnSync("sha256sum", ["oneoff", ...Object.keys(files)], {
        cwd: path.dirname(file),
        encoding: "utf8",
      });
      fs.writeFileSync(`${file}.sha256`, sums.stdout);
      return file;
    }

    beforeEach(() => {
      to = path.join(dir, "prefix", "bin");
    });

    test("goes where shells and man look, readable by all, and goes again with the binary", () => {
      ok(["--from", unpacked(), "--to", to], { shell: ["sh", "-c", 'umask 077; exec sh "$@"', "sh"] });
      expect(found()).toEqual(places);
      for (const place of places) expect(fs.statSync(path.join(share(), place)).mode & 0o777).toBe(0o644);
      expect(fs.readFileSync(path.join(share(), "man/man1/oneoff.1"), "utf8")).toBe("man");
      write("prefix/share/man/man1/other.1", "");
      const { stdout } = ok(["--uninstall", "--to", to]);
      expect(stdout.split("\n").filter(Boolean).sort()).toEqual(
        [`removed ${to}/oneoff`, ...places.map((place) => `removed ${share()}/${place}`)].sort(),
      );
      expect([names(to), found()]).toEqual([[], ["man/man1/other.1"]]);
    });

    test("is left out where the checksum file does not list it, with a warning", () => {
      const from = unpacked();
      const lines = fs.readFileSync(`${from}.sha256`, "utf8").split("\n");
      fs.writeFileSync(`${from}.sha256`, lines.filter((line) => !line.endsWith("completions/_oneoff")).join("\n"));
      const { stderr } = ok(["--from", from, "--to", to], { path: `${to}:${systemPath}` });
      expect(stderr).toBe(`install.sh: warning: ${from}.sha256 does not list completions/_oneoff; not installed\n`);
      expect(found()).toEqual(places.filter((place) => !place.startsWith("zsh")));
    });

    test("stays when something else put it there", () => {
      ok(["--from", release(), "--to", to]);
      const page = write("prefix/share/man/man1/oneoff.1", "another's");
      const { status, stdout, stderr } = install(["--uninstall", "--to", to]);
      expect(stderr).toContain(`kept ${page}, which is not the file that install.sh installed`);
      expect({ status, stdout }).toEqual({ status: 1, stdout: `removed ${to}/oneoff\n` });
      expect(found()).toEqual(["man/man1/oneoff.1"]);
    });

    test("is written through no link, whatever names others can guess", { tags: ["full"] }, () => {
      const victim = write("victim", "kept");
      fs.mkdirSync(path.join(share(), "man/man1"), { recursive: true });
      // The process ids that the shell may have, and none at all.
      for (const name of ["$", "", ...Array.from({ length: 200 }, (_, n) => String(process.pid + n))]) {
        fs.symlinkSync(victim, path.join(share(), "man/man1", `.oneoff.${name}`));
      }
      ok(["--from", unpacked(), "--to", to]);
      expect(fs.readFileSync(victim, "utf8")).toBe("kept");
      expect(fs.readFileSync(path.join(share(), "man/man1/oneoff.1"), "utf8")).toBe("man");
    });

    test("goes into folders that only their owner can write to, whatever the umask", () => {
      for (const umask of ["000", "077"]) {
        ok(["--from", unpacked(), "--to", to], { shell: ["sh", "-c", `umask ${umask}; exec sh "$@"`, "sh"] });
        for (const folder of [to, share(), ...places.map((place) => path.dirname(path.join(share(), place)))]) {
          expect([folder, (fs.statSync(folder).mode & 0o777).toString(8)]).toEqual([folder, "755"]);
        }
        fs.rmSync(path.join(dir, "prefix"), { recursive: true });
      }
    });

    test("stays away where the folder is not called bin", () => {
      to = path.join(dir, "prefix", "tools");
      ok(["--from", unpacked(), "--to", to]);
      expect([names(to), found()]).toEqual([["oneoff"], []]);
    });

    test.each([
      ["is not what its checksum says", () => fs.appendFileSync(path.join(dir, "a release/completions/_oneoff"), "x")],
      ["has a folder in its place", () => fs.mkdirSync(path.join(share(), places[3] as string), { recursive: true })],
      ["has a file in the place of its folder", () => write("prefix/share/fish", "")],
    ])("keeps all as it was when one %s", (_, spoil) => {
      const from = unpacked();
      write("prefix/bin/oneoff", "old");
      write("prefix/share/man/man1/oneoff.1", "old");
      spoil();
      const before = found();
      const { status, stdout } = install(["--from", from, "--to", to]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect([names(to), found()]).toEqual([["oneoff"], before]);
      expect(fs.readFileSync(path.join(to, "oneoff"), "utf8")).toBe("old");
      expect(fs.readFileSync(path.join(share(), "man/man1/oneoff.1"), "utf8")).toBe("old");
    });
  });

  describe("--uninstall", () => {
    test("removes what was installed, and only that", () => {
      ok(["--from", release(), "--to", to]);
      const other = write("the target/other", "");
      expect(ok(["--uninstall", "--to", to])).toMatchObject({ stdout: `removed ${to}/oneoff\n`, stderr: "" });
      expect(names(to)).toEqual([path.basename(other)]);
    });

    test("says so when there is nothing to remove, and that is no failure", () => {
      const { stdout, stderr } = ok(["--uninstall", "--to", to]);
      expect({ stdout, stderr }).toEqual({ stdout: `nothing to remove: ${to}/oneoff does not exist\n`, stderr: "" });
    });

    test("leaves no record of what was installed", () => {
      ok(["--from", release(), "--to", to]);
      ok(["--uninstall", "--to", to]);
      expect(fs.readdirSync(to)).toEqual([]);
    });

    test.each<[what: string, make: (file: string) => void]>([
      ["it did not install", (file) => fs.writeFileSync(file, "another's")],
      ["has been changed since", (file) => [ok(["--from", release(), "--to", to]), fs.appendFileSync(file, "x")]],
      ["is a link", (file) => fs.symlinkSync("/bin/true", file)],
    ])("leaves what %s, and says how to remove it", (_what, make) => {
      fs.mkdirSync(to);
      const file = path.join(to, "oneoff");
      make(file);
      const { status, stdout, stderr } = install(["--uninstall", "--to", to]);
      expect(stderr).toMatch(
        /^install\.sh: kept .*\/oneoff, which is not the file that install\.sh installed; to remove it: rm .*\n$/,
      );
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(names(to)).toEqual(["oneoff"]);
      expect(spawnSync("sh", ["-c", stderr.slice(stderr.indexOf("rm "))]).status).toBe(0);
      expect(names(to)).toEqual([]);
    });

    test("refuses to remove a folder of that name", () => {
      fs.mkdirSync(path.join(to, "oneoff"), { recursive: true });
      const { status, stderr } = install(["--uninstall", "--to", to]);
      expect(stderr).toMatch(/^install\.sh: .*\/oneoff is a folder, not a file of install\.sh; .*\n$/);
      expect(status).toBe(1);
      expect(names(to)).toEqual(["oneoff"]);
    });
  });

  describe("called wrongly", () => {
    test.each([
      ["an unknown option", ["--form", "x"], "unknown option: --form"],
      ["an argument without an option", ["oneoff"], "unknown option: oneoff"],
      ["--from without a path", ["--from"], "--from requires a path"],
      ["--to followed by an option", ["--to", "--uninstall"], "--to requires a path"],
      ["an empty --to", ["--to", ""], "--to requires a path"],
      ["--uninstall with --from", ["--uninstall", "--from", "x"], "--uninstall and --from cannot be used together"],
    ])("with %s, exits 2 and names the way to the options", (_, args, says) => {
      const { status, stdout, stderr } = install(args);
      expect(stderr).toMatch(/^install\.sh: .+; see: sh install\.sh --help\n$/);
      expect(stderr).toContain(says);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    });

    test("with --help, explains every option on stdout", () => {
      const { stdout, stderr } = ok(["--help"]);
      expect(stderr).toBe("");
      for (const word of ["Usage: ", "--from", "--to", "--uninstall", "--help", "/usr/local/bin", ".sha256"]) {
        expect(stdout).toContain(word);
      }
    });

    test("cut off after any line but its last, does nothing", { tags: ["full"] }, () => {
      const lines = fs.readFileSync(script, "utf8").trimEnd().split("\n");
      expect(lines.at(-1)).toBe('main "$@"');
      const args = ["--from", release(), "--to", to];
      for (const n of lines.keys()) {
        expect(install(args, {}, write("cut.sh", lines.slice(0, n).join("\n"))).stdout).toBe("");
        expect(fs.existsSync(to)).toBe(false);
      }
    });
  });

  describe("as a script", () => {
    test.skipIf(!which("shellcheck"))("has no finding of shellcheck for a POSIX sh", () => {
      const { status, stdout } = spawnSync("shellcheck", ["-s", "sh", script], { encoding: "utf8" });
      expect(stdout).toBe("");
      expect(status).toBe(0);
    });

    test.skipIf(!which("dash"))("parses in dash", () => {
      const { status, stderr } = spawnSync("dash", ["-n", script], { encoding: "utf8" });
      expect(stderr).toBe("");
      expect(status).toBe(0);
    });
  });
});
