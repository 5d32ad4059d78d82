import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import type { Origin } from "./origin.ts";
import { substitutes } from "./substitutes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Puts the program and its libraries into one CommonJS file, as a single executable wants it.
 * @param entry what begins it: the program itself, or what a snapshot is taken of.
 * @returns what is in it.
 */
export async function bundle(
  entry: "src/main.ts" | "build/snapshot.ts",
  outfile: string,
  { version, commit }: Origin,
): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: true,
    // Stack traces in bug reports show class names.
    keepNames: true,
    plugins: [substitutes],
    metafile: true,
    define: {
      "import.meta.url": '"file:///oneoff.cjs"',
      ONEOFF_VERSION: JSON.stringify(version),
      ONEOFF_COMMIT: JSON.stringify(commit.replace(/^([0-9a-f]{10})[0-9a-f]*/, "$1")),
    },
    // What a stack trace calls it, instead of a file that was on the builder's machine.
    footer: { js: "//# sourceURL=oneoff.cjs" },
    logLevel: "warning",
  });
  return metafile;
}
