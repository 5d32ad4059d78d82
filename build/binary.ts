import { execFileSync, type StdioOptions, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { inject } from "postject";
import { signMachO } from "./mach-o-signature.ts";

/** Where Node looks for what was put into it. In two halves, so that this file does not look like such a Node. */
const FUSE = ["NODE_SEA", "FUSE_fce680ab2cc467b6e072b8b5df1996b2"].join("_");

/** Of one program and one Node the same bytes each time: nothing is drawn by lot, no thread is faster than another. */
const REPEATABLE = ["--no-warnings", "--predictable", "--random-seed=1", "--hash-seed=1"];

interface Binary {
  /** The program, in one file. */
  readonly bundle: string;
  readonly platform: "linux" | "macos";
  /** The Node it is put into. */
  readonly node: string;
  /** Node for this machine, in the same version. */
  readonly generator: string;
  /** Whether the bundle is a program that a start-up snapshot is taken of. Only the very same Node can come back from it. */
  readonly snapshot: boolean;
}

/**
 * Makes a single executable. Node itself makes what is put into it, for a snapshot by running the bundle up to its main
 * function.
 * @param output where it is put, with what is needed on the way beside it.
 */
export async function makeBinary(binary: Binary, output: string): Promise<void> {
  const macos = binary.platform === "macos";
  copyFileSync(binary.node, output);
  chmodSync(output, 0o755);
  if (binary.snapshot) strip(output);
  await inject(output, "NODE_SEA_BLOB", makeBlob(binary, output), {
    sentinelFuse: FUSE,
    ...(macos && { machoSegmentName: "NODE_SEA" }),
  });
  if (macos) writeFileSync(output, signMachO(readFileSync(output), "oneoff"));
}

/** Symbols are a seventh of it. Without a `strip` the binary is larger, and no different. */
function strip(file: string) {
  try {
    execFileSync("strip", ["-s", file], { stdio: "pipe" });
  } catch (error) {
    process.stderr.write(`not stripped: ${(error as Error).message}\n`);
  }
}

/** No path of this machine gets into it: Node knows its files by their descriptors, and has no environment. */
function makeBlob({ bundle, generator, snapshot }: Binary, output: string): Buffer {
  const blob = `${output}.blob`;
  const config = {
    main: "/dev/fd/3",
    output: blob,
    disableExperimentalSEAWarning: true,
    useSnapshot: snapshot,
    useCodeCache: false,
    // undici parses with WebAssembly: the quick compiler is enough for five answers, and the thorough one would take
    // a core from the engine. After `--` Node looks for nothing of its own among our words: without it, it would take
    // any `--env-file`, ours or the command's, for one of its options.
    execArgv: ["--liftoff-only", "--"],
    // What NODE_OPTIONS says is meant for other programs.
    execArgvExtension: "none",
  };
  writeFileSync(`${output}.json`, JSON.stringify(config));
  const stdio: StdioOptions = ["ignore", "pipe", "pipe", openSync(bundle, "r"), openSync(`${output}.json`, "r")];
  const options = { cwd: "/", env: {}, argv0: "node", encoding: "utf8", stdio } as const;
  const { status, stderr } = spawnSync(generator, [...REPEATABLE, "--experimental-sea-config", "/dev/fd/4"], options);
  if (status !== 0) throw new Error(`Node could not make what is put into the binary:\n${stderr}`);
  return readFileSync(blob);
}
