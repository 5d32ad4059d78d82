import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { makeBinary } from "./binary.ts";
import { manPage } from "./man.ts";
import { origin } from "./origin.ts";
import { publish, publishCompletions, publishText } from "./publish.ts";
import { split } from "./split.ts";

/** `npm run build`: dist/oneoff for this machine, of the Node that runs this, once it has been seen to run. */
const work = mkdtempSync(`${tmpdir()}/oneoff-build-`);
try {
  const from = origin();
  const { assets } = await split(`${work}/oneoff.cjs`, from);
  const platform = process.platform === "darwin" ? "macos" : "linux";
  const node = { node: process.execPath, generator: process.execPath };
  await makeBinary({ bundle: `${work}/oneoff.cjs`, assets, platform, ...node, snapshot: true }, `${work}/oneoff`);
  const version = execFileSync(`${work}/oneoff`, ["--version"], { encoding: "utf8" });
  publish(`${work}/oneoff`, "oneoff");
  publishCompletions(`${work}/oneoff`, "oneoff");
  publishText("oneoff.1", await manPage(from), "oneoff");
  process.stdout.write(`dist/oneoff: ${version}`);
} finally {
  rmSync(work, { recursive: true });
}
