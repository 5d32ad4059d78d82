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

/** Executables of this machine stand in for oneoff: they start, and support --version (`false` fails it). */
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

/** Every command that install.sh calls, except those that verify the checksum. */
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

/** Runs `sh install.sh …` with only PATH in its environment, so always without a HOME. */
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

/** A binary as it is distributed: not executable yet, with its checksum beside it. */
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

/** The entries of a folder, without the record of what was installed there. */
const names = (folder: string) => fs.readdirSync(folder).filter((name) => name !== ".oneoff.installed");

/** A header of another kind of executable, followed by data. */
const header = (hex: string) => Buffer.concat([Buffer.from(hex, "hex"), Buffer.alloc(4096)]);

/** The stand-in, with a changed ELF header. */
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
    test("installs a file into a new folder, executable, and prints its path and version on one line", () => {
      to = path.join(dir, "not yet", "there");
      const { stdout } = ok(["--from", release(), "--to", to]);
      expect(stdout).toBe(`installed ${to}/oneoff, version ${versionOf("/bin/true")}\n`);
      expect(names(to)).toEqual(["oneoff"]);
      expect(fs.readFileSync(path.join(to, "oneoff")).equals(works)).toBe(true);
      expect(fs.statSync(path.join(to, "oneoff")).mode & 0o777).toBe(0o755);
    });

    test("installs with mode 755 whatever the umask", () => {
      ok(["--from", release(), "--to", to], { shell: ["sh", "-c", 'umask 077; exec sh "$@"', "sh"] });
      expect(fs.statSync(path.join(to, "oneoff")).mode & 0o777).toBe(0o755);
    });

    test("installs from a folder that holds a plain oneoff", () => {
      ok(["--from", path.dirname(release()), "--to", to]);
      expect(names(to)).toEqual(["oneoff"]);
    });

    test("installs the binary for this machine from a folder with several", () => {
      release("out/oneoff", fails);
      release(`out/oneoff-linux-${otherArch}`, fails);
      release(`out/oneoff-${platform}`);
      ok(["--from", "out", "--to", to]);
      expect(fs.readFileSync(path.join(to, "oneoff")).equals(works)).toBe(true);
    });

    test("installs from its own folder when no source is given", () => {
      fs.copyFileSync(script, path.join(dir, "install.sh"));
      release("oneoff");
      release("dist/oneoff", fails);
      ok(["--to", to], { cwd: "/" }, path.join(dir, "install.sh"));
      expect(names(to)).toEqual(["oneoff"]);
    });

    test("installs from the dist folder beside it when its own folder has no binary, whatever CDPATH is", () => {
      release(`here/dist/oneoff-${platform}`);
      fs.copyFileSync(script, path.join(dir, "here", "install.sh"));
      release(`elsewhere/here/oneoff`, fails);
      ok(["--to", to], { env: { CDPATH: path.join(dir, "elsewhere") } }, "here/install.sh");
      expect(fs.readFileSync(path.join(to, "oneoff")).equals(works)).toBe(true);
    });

    test("resolves relative paths from the current folder", () => {
      release();
      const { stdout } = ok(["--to", "the target", "--from", "a release/oneoff"]);
      expect(stdout).toContain(`installed ${to}/oneoff,`);
    });

    test("installs when it is piped into sh with a source", () => {
      ok(["--from", release(), "--to", to], { input: fs.readFileSync(script, "utf8") });
      expect(names(to)).toEqual(["oneoff"]);
    });

    test("accepts a checksum file in upper case, with CRLF, of binary mode", () => {
      const file = release();
      const [hex = ""] = sum(file).split(" ");
      fs.writeFileSync(`${file}.sha256`, `${hex.toUpperCase()} *oneoff\r\n`);
      ok(["--from", file, "--to", to]);
    });

    test.skipIf(!which("shasum"))("uses shasum where sha256sum does not exist", () => {
      ok(["--from", release(), "--to", to], { path: only("shasum", "sh") });
      expect(names(to)).toEqual(["oneoff"]);
    });

    test.skipIf(!root)("installs into a folder of the user without root", () => {
      const home = path.join(dir, "home");
      fs.mkdirSync(home);
      fs.chownSync(home, nobody, nobody);
      fs.copyFileSync(script, path.join(dir, "install.sh"));
      ok(["--from", release(), "--to", `${home}/.local/bin`], { uid: nobody }, path.join(dir, "install.sh"));
      expect(names(`${home}/.local/bin`)).toEqual(["oneoff"]);
    });

    for (const shell of [["dash"], ["bash", "--posix"], ["busybox", "sh"]]) {
      test.skipIf(!which(shell[0] ?? ""))(`installs and uninstalls in ${shell.join(" ")}`, () => {
        ok(["--from", release(), "--to", to], { shell });
        ok(["--uninstall", "--to", to], { shell });
        expect(names(to)).toEqual([]);
      });
    }
  });

  describe("replaces", () => {
    test("replaces a oneoff that is running, which continues", async () => {
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

    test("replaces a symbolic link, not its target", () => {
      const other = write("other", "kept");
      fs.mkdirSync(to);
      fs.symlinkSync(other, path.join(to, "oneoff"));
      ok(["--from", release(), "--to", to]);
      expect(fs.readFileSync(other, "utf8")).toBe("kept");
      expect(fs.lstatSync(path.join(to, "oneoff")).isFile()).toBe(true);
    });

    test("replaces itself when the source is the installed file", () => {
      const file = release("the target/oneoff");
      ok(["--from", file, "--to", to]);
      expect(fs.readFileSync(file).equals(works)).toBe(true);
    });
  });

  describe("warns", () => {
    test("warns when the target is not on PATH, with a working command to add it", () => {
      const { stderr } = ok(["--from", release(), "--to", to]);
      expect(stderr).toMatch(/^install\.sh: warning: PATH finds no oneoff, not this one; run: export PATH=.*\n$/);
      const line = stderr.slice(stderr.indexOf("export PATH"));
      const found = spawnSync("sh", ["-c", `${line}command -v oneoff`], { encoding: "utf8" });
      expect(found.stdout).toBe(`${to}/oneoff\n`);
    });

    test("warns when another oneoff comes first on PATH", () => {
      const other = write("other/oneoff", "#!/bin/sh\n", 0o755);
      const { stderr } = ok(["--from", release(), "--to", to], { path: `${path.dirname(other)}:${to}:${systemPath}` });
      expect(stderr).toContain(`warning: PATH finds ${other}, not this one`);
    });

    test("does not warn when the target is on PATH, also with a slash at its end or through a symlink", () => {
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
      title: "a missing source",
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
      says: new RegExp(`no oneoff-${platform}, oneoff or archive in .*/out; use --from `),
      call: () => {
        release(`out/oneoff-linux-${otherArch}`);
        return [["--from", "out", "--to", to]];
      },
    },
    {
      title: "to guess a source when neither its folder nor dist there has one",
      says: new RegExp(`no oneoff-${platform}, oneoff or archive in .* or .*/dist; build it .* or use --from`),
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
      title: "a source that does not match its checksum",
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
      title: "to install without a program that verifies checksums",
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
      title: "an unsupported system",
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
      title: "a partial copy",
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
    test("prints one line with the next command, and leaves nothing", () => {
      const { status, stdout, stderr } = install(...call());
      expect(stderr).toMatch(/^install\.sh: .+\n$/);
      expect(stderr).toMatch(says);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(fs.existsSync(to) ? names(to) : []).toEqual([]);
    });

    test("leaves an installed oneoff unchanged", () => {
      const old = write("the target/oneoff", "old", 0o755);
      expect(install(...call()).status).toBe(1);
      expect(names(to)).toEqual(["oneoff"]);
      expect(fs.readFileSync(old, "utf8")).toBe("old");
    });
  });

  describe("refuses a target", () => {
    test("refuses a target whose folder cannot be created", () => {
      const file = write("a file", "");
      const { status, stderr } = install(["--from", release(), "--to", path.join(file, "bin")]);
      expect(stderr).toMatch(/^install\.sh: cannot create the folder .*a file\/bin.*; use a folder of your own.*\n$/);
      expect(status).toBe(1);
      expect(fs.readFileSync(file, "utf8")).toBe("");
    });

    test("refuses a target that is not writable", () => {
      const { status, stderr } = install(["--from", release(), "--to", "/proc"]);
      expect(stderr).toMatch(/^install\.sh: cannot write to \/proc.*; use a folder of your own.*--to.*\n$/);
      expect(status).toBe(1);
    });

    test("refuses a target where oneoff is a folder, and puts nothing into it", () => {
      fs.mkdirSync(path.join(to, "oneoff"), { recursive: true });
      const { status, stderr } = install(["--from", release(), "--to", to]);
      expect(stderr).toMatch(/^install\.sh: .*\/oneoff is a folder; remove it, or use another folder with --to DIR\n$/);
      expect(status).toBe(1);
      expect(fs.readdirSync(to, { recursive: true })).toEqual(["oneoff"]);
    });

    test("names the default target /usr/local/bin when it cannot be created", () => {
      stub("mktemp", "exit 1"); // Nothing can be put there, whatever happens.
      const { status, stderr } = install(["--from", release()], { path: stub("mkdir", "exit 1") });
      expect(stderr).toMatch(/^install\.sh: cannot create the folder \/usr\/local\/bin[;,]/);
      expect(status).toBe(1);
    });

    test.skipIf(!root)("refuses a target of root's, and prints the sudo command that works", () => {
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
    ])("leaves only earlier files when it is interrupted during %s", async (_, command, body) => {
      const old = write("the target/oneoff", "old", 0o755);
      const env = { PATH: stub(command, `: >"$0.called"; ${body}`) };
      const child = spawn("sh", [script, "--from", release(), "--to", to], { env, cwd: dir, detached: true });
      children.push(child);
      const exit = once(child, "exit");
      while (!fs.existsSync(path.join(dir, "stubs", `${command}.called`))) await sleep(10);
      expect(names(to)).toHaveLength(2);
      process.kill(-(child.pid as number), signal); // To the process group, as a terminal does.
      expect((await exit)[0]).toBe(code);
      expect(names(to)).toEqual(["oneoff"]);
      expect(fs.readFileSync(old, "utf8")).toBe("old");
    });
  });

  describe("files beside the binary", () => {
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
    /** All files below, also hidden ones. */
    const found = () =>
      fs.existsSync(share())
        ? (fs.readdirSync(share(), { recursive: true, withFileTypes: true }) as fs.Dirent[])
            .filter((entry) => !entry.isDirectory())
            .map((entry) => path.relative(share(), path.join(entry.parentPath, entry.name)))
            .sort()
        : [];
    /** One file with all checksums, as an archive has it. */
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

    test("installs completions and man pages for all to read, and removes them with the binary", () => {
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

    test("leaves out a file that the checksum file does not list, with a warning", () => {
      const from = unpacked();
      const lines = fs.readFileSync(`${from}.sha256`, "utf8").split("\n");
      fs.writeFileSync(`${from}.sha256`, lines.filter((line) => !line.endsWith("completions/_oneoff")).join("\n"));
      const { stderr } = ok(["--from", from, "--to", to], { path: `${to}:${systemPath}` });
      expect(stderr).toBe(`install.sh: warning: ${from}.sha256 does not list completions/_oneoff; not installed\n`);
      expect(found()).toEqual(places.filter((place) => !place.startsWith("zsh")));
    });

    test("keeps a file that something else put there", () => {
      ok(["--from", release(), "--to", to]);
      const page = write("prefix/share/man/man1/oneoff.1", "another's");
      const { status, stdout, stderr } = install(["--uninstall", "--to", to]);
      expect(stderr).toContain(`kept ${page}, which is not the file that install.sh installed`);
      expect({ status, stdout }).toEqual({ status: 1, stdout: `removed ${to}/oneoff\n` });
      expect(found()).toEqual(["man/man1/oneoff.1"]);
    });

    test("writes through no symlink, whatever names others can guess", { tags: ["full"] }, () => {
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

    test("creates folders that only their owner can write to, whatever the umask", () => {
      for (const umask of ["000", "077"]) {
        ok(["--from", unpacked(), "--to", to], { shell: ["sh", "-c", `umask ${umask}; exec sh "$@"`, "sh"] });
        for (const folder of [to, share(), ...places.map((place) => path.dirname(path.join(share(), place)))]) {
          expect([folder, (fs.statSync(folder).mode & 0o777).toString(8)]).toEqual([folder, "755"]);
        }
        fs.rmSync(path.join(dir, "prefix"), { recursive: true });
      }
    });

    test("installs only the binary where the folder is not called bin", () => {
      to = path.join(dir, "prefix", "tools");
      ok(["--from", unpacked(), "--to", to]);
      expect([names(to), found()]).toEqual([["oneoff"], []]);
    });

    test.each([
      ["does not match its checksum", () => fs.appendFileSync(path.join(dir, "a release/completions/_oneoff"), "x")],
      ["has a folder at its path", () => fs.mkdirSync(path.join(share(), places[3] as string), { recursive: true })],
      ["has a file at its folder's path", () => write("prefix/share/fish", "")],
    ])("keeps every installed file when one of the new ones %s", (_, spoil) => {
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
    test("uninstalls only what was installed", () => {
      ok(["--from", release(), "--to", to]);
      const other = write("the target/other", "");
      expect(ok(["--uninstall", "--to", to])).toMatchObject({ stdout: `removed ${to}/oneoff\n`, stderr: "" });
      expect(names(to)).toEqual([path.basename(other)]);
    });

    test("succeeds when nothing is installed, and reports that", () => {
      const { stdout, stderr } = ok(["--uninstall", "--to", to]);
      expect({ stdout, stderr }).toEqual({ stdout: `nothing to remove: ${to}/oneoff does not exist\n`, stderr: "" });
    });

    test("leaves no record of what was uninstalled", () => {
      ok(["--from", release(), "--to", to]);
      ok(["--uninstall", "--to", to]);
      expect(fs.readdirSync(to)).toEqual([]);
    });

    test.each<[what: string, make: (file: string) => void]>([
      ["was not installed", (file) => fs.writeFileSync(file, "another's")],
      ["has been changed since", (file) => [ok(["--from", release(), "--to", to]), fs.appendFileSync(file, "x")]],
      ["is a link", (file) => fs.symlinkSync("/bin/true", file)],
    ])("keeps a file that %s, and prints how to remove it", (_what, make) => {
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

    test("refuses to remove a folder called oneoff", () => {
      fs.mkdirSync(path.join(to, "oneoff"), { recursive: true });
      const { status, stderr } = install(["--uninstall", "--to", to]);
      expect(stderr).toMatch(/^install\.sh: .*\/oneoff is a folder, not a file of install\.sh; .*\n$/);
      expect(status).toBe(1);
      expect(names(to)).toEqual(["oneoff"]);
    });
  });

  describe("usage error", () => {
    test.each([
      ["an unknown option", ["--form", "x"], "unknown option: --form"],
      ["an argument without an option", ["oneoff"], "unknown option: oneoff"],
      ["--from without a path", ["--from"], "--from requires a path"],
      ["--to followed by an option", ["--to", "--uninstall"], "--to requires a path"],
      ["an empty --to", ["--to", ""], "--to requires a path"],
      ["--uninstall with --from", ["--uninstall", "--from", "x"], "--uninstall and --from cannot be used together"],
    ])("exits with 2 for %s, and names --help", (_, args, says) => {
      const { status, stdout, stderr } = install(args);
      expect(stderr).toMatch(/^install\.sh: .+; see: sh install\.sh --help\n$/);
      expect(stderr).toContain(says);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    });

    test("explains every option on stdout with --help", () => {
      const { stdout, stderr } = ok(["--help"]);
      expect(stderr).toBe("");
      for (const word of ["Usage: ", "--from", "--to", "--uninstall", "--help", "/usr/local/bin", ".sha256"]) {
        expect(stdout).toContain(word);
      }
    });

    test("does nothing when it is cut off after any line but its last", { tags: ["full"] }, () => {
      const lines = fs.readFileSync(script, "utf8").trimEnd().split("\n");
      expect(lines.at(-1)).toBe('main "$@"');
      const args = ["--from", release(), "--to", to];
      for (const n of lines.keys()) {
        expect(install(args, {}, write("cut.sh", lines.slice(0, n).join("\n"))).stdout).toBe("");
        expect(fs.existsSync(to)).toBe(false);
      }
    });
  });

  describe("script", () => {
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
