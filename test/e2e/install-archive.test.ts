import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { archive, gzip, xz } from "../../build/archive.ts";
import { folder } from "../support/folder.ts";
import { run } from "../support/process.ts";

const script = fileURLToPath(new URL("../../install.sh", import.meta.url));
const NAME = `oneoff-1.0.0-linux-${process.arch}`;
const which = (name: string) => ["/usr/bin", "/bin"].map((dir) => `${dir}/${name}`).find(existsSync);
/** Every command that install.sh calls, except those that unpack. */
const tools = "awk cat chmod cp cut dirname head id mkdir mktemp mv od rm sed sh sha256sum tr uname".split(" ");
const sum = (content: Buffer) => createHash("sha256").update(content).digest("hex");

describe.runIf(process.platform === "linux")("install.sh with a release archive", () => {
  let packed: Readonly<Record<string, Buffer>>;
  let dir: Awaited<ReturnType<typeof folder>>;
  let from: string;
  let to: string;

  beforeAll(async () => {
    const binary = readFileSync("/bin/true");
    const page = Buffer.from("man");
    const tar = await archive(
      NAME,
      [
        { path: "oneoff", content: binary, executable: true },
        { path: "oneoff.1", content: page },
        { path: "oneoff.sha256", content: Buffer.from(`${sum(binary)}  oneoff\n${sum(page)}  oneoff.1\n`) },
      ],
      1_700_000_000,
    );
    packed = { [`${NAME}.tar.gz`]: gzip(tar), [`${NAME}.tar.xz`]: await xz(tar) };
  });

  beforeEach(async () => {
    dir = await folder();
    from = `${dir.path}/a release: 1`;
    to = `${dir.path}/prefix/bin`;
    for (const path of [from, `${dir.path}/tmp`]) mkdirSync(path);
    for (const [name, content] of Object.entries(packed)) writeFileSync(`${from}/${name}`, content);
    const lines = Object.entries(packed).map(([name, content]) => `${sum(content)}  ${name}\n`);
    writeFileSync(`${from}/SHA256SUMS`, lines.join(""));
  });
  afterEach(() => dir[Symbol.asyncDispose]());

  /** A PATH of only what install.sh needs, and these: a name, or a name and what stands in for it. */
  function only(...more: readonly (string | readonly [name: string, program: string])[]): string {
    const bin = `${dir.path}/only`;
    mkdirSync(bin);
    for (const entry of [...tools, ...more]) {
      const [name, program] = typeof entry === "string" ? [entry, entry] : entry;
      symlinkSync(which(program) as string, `${bin}/${name}`);
    }
    return bin;
  }

  async function install(args: readonly string[], path = "/usr/bin:/bin", file = script) {
    const env = { PATH: path, TMPDIR: `${dir.path}/tmp` };
    const { code, stdout, stderr } = await run(["/bin/sh", file, ...args, "--to", to], { env });
    // Whatever happens: what was unpacked is removed.
    expect(readdirSync(`${dir.path}/tmp`)).toEqual([]);
    return { code, stdout: stdout.toString(), stderr: stderr.toString() };
  }

  async function installs(...args: Parameters<typeof install>) {
    const { code, stderr } = await install(...args);
    expect(code, stderr).toBe(0);
    expect(readFileSync(`${to}/oneoff`).equals(readFileSync("/bin/true"))).toBe(true);
    expect(readFileSync(`${dir.path}/prefix/share/man/man1/oneoff.1`, "utf8")).toBe("man");
  }

  async function refuses(cause: RegExp, ...args: Parameters<typeof install>) {
    const { code, stdout, stderr } = await install(...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^install\.sh: .+\n$/);
    expect(stderr).toMatch(cause);
    expect(existsSync(to)).toBe(false);
  }

  const spoil = (format: "gz" | "xz") => appendFileSync(`${from}/${NAME}.tar.${format}`, "x");

  test("installs from the .tar.xz of a folder where xz exists", async () => {
    spoil("gz");
    await installs(["--from", from]);
  });

  test("installs from the .tar.gz of a folder where xz does not exist", async () => {
    await installs(["--from", from], only("tar", "gzip"));
  });

  test.skipIf(!which("busybox"))("installs from the .tar.xz with BusyBox", async () => {
    spoil("gz");
    await installs(["--from", from], only(["tar", "busybox"], ["gzip", "busybox"], ["xz", "busybox"]));
  });

  test("installs from a folder with the .tar.gz only", async () => {
    rmSync(`${from}/${NAME}.tar.xz`);
    await installs(["--from", from]);
  });

  test.each(["xz", "gz"])("installs from a .tar.%s", async (format) => {
    await installs(["--from", `${from}/${NAME}.tar.${format}`]);
  });

  test("installs from its own folder when it is published beside the archives", async () => {
    copyFileSync(script, `${from}/install.sh`);
    await installs([], undefined, `${from}/install.sh`);
  });

  test("refuses a damaged .tar.xz, although the .tar.gz is undamaged", async () => {
    spoil("xz");
    await refuses(/wrong checksum: .*\.tar\.xz does not match .*\/SHA256SUMS; download both again/, ["--from", from]);
  });

  test("refuses a damaged .tar.gz where xz does not exist", async () => {
    spoil("gz");
    await refuses(/wrong checksum: .*\.tar\.gz does not match/, ["--from", from], only("tar", "gzip"));
  });

  test("refuses a .tar.xz where xz does not exist, and names the other archive", async () => {
    const args = ["--from", `${from}/${NAME}.tar.xz`];
    await refuses(
      /cannot unpack .*\.tar\.xz \(.+\); install xz, or use --from with the \.tar\.gz/,
      args,
      only("tar", "gzip"),
    );
  });

  test("refuses archives without tar", async () => {
    await refuses(/cannot unpack .*\.tar\.gz \(.*tar: not found\); check /, ["--from", from], only("xz", "gzip"));
  });

  test("refuses archives without a folder to unpack into", async () => {
    const bin = only("tar", "gzip");
    rmSync(`${bin}/mktemp`);
    writeFileSync(`${bin}/mktemp`, "#!/bin/sh\nexit 1\n");
    chmodSync(`${bin}/mktemp`, 0o755);
    await refuses(/cannot write to .*\/tmp; set TMPDIR to a folder with free space/, ["--from", from], bin);
  });

  test.each<[title: string, cause: RegExp, change: () => void]>([
    ["without SHA256SUMS", /no checksum: cannot read .*\/SHA256SUMS; copy it/, () => rmSync(`${from}/SHA256SUMS`)],
    [
      "that SHA256SUMS does not list",
      /no checksum: .*\/SHA256SUMS does not list oneoff-1\.0\.0-/,
      () => writeFileSync(`${from}/SHA256SUMS`, ""),
    ],
    [
      "in several versions",
      /several versions of oneoff for .* in .*; use --from with one archive/,
      () => writeFileSync(`${from}/${NAME.replace("1.0.0", "1.1.0")}.tar.gz`, ""),
    ],
  ])("refuses archives %s", async (_title, cause, change) => {
    change();
    await refuses(cause, ["--from", from]);
  });

  test("refuses an archive for another platform", async () => {
    const other = `${from}/oneoff-1.0.0-macos-arm64.tar.xz`;
    copyFileSync(`${from}/${NAME}.tar.xz`, other);
    await refuses(/wrong platform: .* is not named oneoff-VERSION-linux-.*; use --from with that/, ["--from", other]);
  });
});
