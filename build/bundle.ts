import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { substitutes } from "./substitutes.ts";

const root = new URL("..", import.meta.url).pathname;

/**
 * Puts the program and its libraries into one CommonJS file, as a single executable wants it.
 * @param entry what begins it: the program itself, or what a snapshot is taken of.
 */
export async function bundle(entry: "src/main.ts" | "build/snapshot.ts", outfile: string): Promise<void> {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string };
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: true,
    // Class names are seen by users in the rare crash that is a bug of ours.
    keepNames: true,
    plugins: [substitutes],
    define: {
      "import.meta.url": '"file:///oneoff.cjs"',
      ONEOFF_VERSION: JSON.stringify(version),
      ONEOFF_COMMIT: JSON.stringify(commit()),
    },
    logLevel: "warning",
  });
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short=10", "HEAD"], {
      cwd: root,
      encoding: "utf8",
      stdio: "pipe",
    }).trim();
  } catch {
    // A source archive has no history.
    return "unknown";
  }
}
