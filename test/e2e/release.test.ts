// @module-tag full
import { readdirSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { folder } from "../support/folder.ts";
import { BINARY } from "../support/oneoff-suite.ts";
import { run } from "../support/process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = `${root}dist`;
const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const FOLDER = `oneoff-${version}-linux-x64`;

const done = async (argv: readonly string[], options: Parameters<typeof run>[1] = {}) => {
  const { code, stdout, stderr } = await run(argv, { timeout: 110_000, ...options });
  expect(code, `${argv.join(" ")}\n${stdout}${stderr}`).toBe(0);
  return stdout.toString();
};

test.runIf(process.platform === "linux" && process.arch === "x64")(
  "an archive of a release has the bytes of the binary, installs without a network, and can be uninstalled",
  async () => {
    // xz needs a minute of a processor.
    await done([process.execPath, "build/release.ts", "linux-x64"], { cwd: root, timeout: 400_000 });
    // Built at another time, in another folder.
    expect(readFileSync(`${dist}/oneoff-linux-x64`).equals(readFileSync(BINARY))).toBe(true);
    expect(await done(["sha256sum", "-c", "SHA256SUMS"], { cwd: dist })).toBe(
      ["install.sh", `${FOLDER}.tar.gz`, `${FOLDER}.tar.xz`, "oneoff-linux-x64"]
        .map((file) => `${file}: OK\n`)
        .join(""),
    );

    await using dir = await folder();
    await done(["bash", "-c", `cmp <(gzip -dc ${FOLDER}.tar.gz) <(xz -dc ${FOLDER}.tar.xz)`], { cwd: dist });
    expect(statSync(`${dist}/${FOLDER}.tar.xz`).size).toBeLessThan(33_000_000);
    await done(["tar", "-xJf", `${dist}/${FOLDER}.tar.xz`], { cwd: dir.path });
    expect(readdirSync(dir.path)).toEqual([FOLDER]);
    expect(readdirSync(`${dir.path}/${FOLDER}`).sort()).toEqual([
      ...["LICENSE", "THIRD-PARTY-LICENSES", "completions", "install.sh"],
      ...["oneoff", "oneoff.1", "oneoff.cdx.json", "oneoff.sha256"],
    ]);
    const from = `${dir.path}/${FOLDER}`;
    expect(await done(["sha256sum", "-c", "--quiet", "oneoff.sha256"], { cwd: from })).toBe("");

    const offline = ["unshare", "--user", "--map-root-user", "--net"];
    const packed = ["--from", `${dist}/${FOLDER}.tar.xz`];
    await done([...offline, "sh", `${dist}/install.sh`, ...packed, "--to", `${dir.path}/prefix/bin`]);
    expect(await done(["prefix/bin/oneoff", "--version"], { cwd: dir.path })).toContain(`oneoff ${version} (commit `);
    const zsh = `${dir.path}/prefix/share/zsh/site-functions/_oneoff`;
    expect(readFileSync(zsh, "utf8")).toBe(await done([BINARY, "completion", "zsh"]));
    expect(readFileSync(`${dir.path}/prefix/share/man/man1/oneoff.1`, "utf8")).toMatch(/^\.TH ONEOFF 1/im);
    await done(["sh", `${from}/install.sh`, "--uninstall", "--to", `${dir.path}/prefix/bin`]);
    const left = readdirSync(`${dir.path}/prefix`, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => !entry.isDirectory())).toEqual([]);
  },
  500_000,
);
