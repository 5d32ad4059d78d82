import { fileURLToPath } from "node:url";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { loadCommands } from "../src/cli/commands.ts";
import { MAX_COMMAND_WIDTH, optionsText } from "../src/cli/options-help.ts";
import type { CommandShape } from "../src/cli/shapes.ts";
import type { Origin } from "./origin.ts";
import { substitutes } from "./substitutes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Of everything that is bundled. Stack traces in bug reports show names. */
export const compact = {
  platform: "node",
  target: "node24",
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: "warning",
} as const;

/** What a stack trace calls a bundle, instead of a file that was on the builder's machine. */
export const footer = { js: "//# sourceURL=oneoff.cjs" };

/** Options for the program and its libraries. */
export const options = async ({ version, commit }: Origin) =>
  ({
    ...compact,
    absWorkingDir: root,
    bundle: true,
    plugins: [substitutes],
    metafile: true,
    define: {
      // Leaves out undici's second, experimental parser.
      esbuildDetection: '"oneoff"',
      "import.meta.url": '"file:///oneoff.cjs"',
      ONEOFF_VERSION: JSON.stringify(version),
      ONEOFF_COMMIT: JSON.stringify(commit.replace(/^([0-9a-f]{10})[0-9a-f]*/, "$1")),
      // As texts: a value would be made in the snapshot, and a text is only where it is used.
      ONEOFF_OPTIONS: JSON.stringify(JSON.stringify(await optionsTexts())),
      ONEOFF_SHAPES: JSON.stringify(JSON.stringify(await shapes())),
    },
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
    ...(await options(origin)),
    entryPoints: ["src/main.ts"],
    outfile,
    format: "cjs",
    footer,
  });
  return { metafile, assets: {} };
}

/** The options of each command as its help lists them, by its usage. */
async function optionsTexts(): Promise<Record<string, string>> {
  const commands = [...(await loadCommands()).values()];
  return Object.fromEntries(
    await Promise.all(
      commands.map(async (command) => [command.usage, await optionsText(command, MAX_COMMAND_WIDTH)] as const),
    ),
  );
}

/** Each command without what only its help and its run need. */
async function shapes(): Promise<Record<string, CommandShape>> {
  const all = Array.from(await loadCommands(), ([name, command]): [string, CommandShape] => {
    const { handle: _handle, usage: _usage, examples: _examples, topic: _topic, ...shape } = command;
    return [name, shape];
  });
  return Object.fromEntries(all);
}
