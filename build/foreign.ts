import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { inject } from "postject";
import { FOREIGN_TARGETS, type ForeignTarget, fetchBase } from "./bases.ts";
import { bundle } from "./bundle.ts";
import { publish } from "./publish.ts";

/** Where Node looks for what was put into it. In two halves, so that this file does not look like such a Node. */
const FUSE = ["NODE_SEA", "FUSE_fce680ab2cc467b6e072b8b5df1996b2"].join("_");

/**
 * `npm run build:all`: dist/oneoff-<os>-<arch> for the machines that this one is not. Without a snapshot, which only
 * the target's own Node could take; and not by pkg, which runs the Node it is given to learn its version.
 */
async function makeForeignBinary(target: ForeignTarget, main: string, work: string): Promise<string> {
  const output = `${work}/${target.name}`;
  const blob = `${output}.blob`;
  const config = {
    main,
    output: blob,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
    execArgv: ["--"],
  };
  writeFileSync(`${output}.json`, JSON.stringify(config));
  const generator = fetchBase(target.generator, work);
  execFileSync(generator, ["--experimental-sea-config", `${output}.json`], { stdio: "pipe" });
  copyFileSync(fetchBase(target.base, work), output);
  chmodSync(output, 0o755);
  await inject(output, "NODE_SEA_BLOB", readFileSync(blob), {
    sentinelFuse: FUSE,
    ...(target.platform === "macos" && { machoSegmentName: "NODE_SEA" }),
  });
  return output;
}

if (process.platform !== "linux" || process.arch !== "x64") throw new Error("Other targets are built on linux-x64");
const work = mkdtempSync(`${tmpdir()}/oneoff-build-`);
try {
  await bundle("src/main.ts", `${work}/oneoff.cjs`);
  for (const target of FOREIGN_TARGETS) {
    publish(await makeForeignBinary(target, `${work}/oneoff.cjs`, work), target.name);
    const unsigned = target.platform === "macos" ? " (sign it on a Mac before use: codesign --sign - --force)" : "";
    process.stdout.write(`dist/${target.name}${unsigned}\n`);
  }
} finally {
  rmSync(work, { recursive: true });
}
