import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile } from "esbuild";
import type { Origin } from "./origin.ts";
import { substitutes } from "./substitutes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Options for the program and its libraries. */
export const options = ({ version, commit }: Origin) =>
  ({
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node24",
    // Stack traces in bug reports show names.
    minifyWhitespace: true,
    minifySyntax: true,
    plugins: [substitutes],
    metafile: true,
    define: {
      "import.meta.url": '"file:///oneoff.cjs"',
      ONEOFF_VERSION: JSON.stringify(version),
      ONEOFF_COMMIT: JSON.stringify(commit.replace(/^([0-9a-f]{10})[0-9a-f]*/, "$1")),
    },
    logLevel: "warning",
  }) as const satisfies BuildOptions;

/** A program as a single executable wants it. */
export interface Bundle {
  /** What is in it. */
  readonly metafile: Metafile;
  /** The paths of parts that are loaded when they are needed, by name. */
  readonly assets: Readonly<Record<string, string>>;
}

/** Puts the program and its libraries into one CommonJS file. */
export async function bundle(outfile: string, origin: Origin): Promise<Bundle> {
  const { metafile } = await build({
    ...options(origin),
    entryPoints: ["src/main.ts"],
    outfile,
    format: "cjs",
    // What a stack trace calls it, instead of a file that was on the builder's machine.
    footer: { js: "//# sourceURL=oneoff.cjs" },
  });
  return { metafile, assets: {} };
}
