import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { makeBinary } from "./binary.ts";
import { bundle } from "./bundle.ts";

/** `npm run build`: dist/oneoff for this machine, with its checksum, once it has been seen to run. */
const dist = new URL("../dist", import.meta.url).pathname;
const work = mkdtempSync(`${tmpdir()}/oneoff-build-`);
try {
  await bundle(`${work}/oneoff.cjs`);
  await makeBinary(`${work}/oneoff.cjs`, work, `${work}/oneoff`);
  const version = execFileSync(`${work}/oneoff`, ["--version"], { encoding: "utf8" });
  mkdirSync(dist, { recursive: true });
  const sum = createHash("sha256")
    .update(readFileSync(`${work}/oneoff`))
    .digest("hex");
  // Aside first: a binary that is running cannot be written to, but it can be replaced.
  execFileSync("cp", [`${work}/oneoff`, `${dist}/.oneoff`]);
  renameSync(`${dist}/.oneoff`, `${dist}/oneoff`);
  writeFileSync(`${dist}/oneoff.sha256`, `${sum}  oneoff\n`);
  process.stdout.write(`dist/oneoff: ${version}`);
} finally {
  rmSync(work, { recursive: true });
}
