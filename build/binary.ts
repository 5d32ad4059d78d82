import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sea from "@yao-pkg/pkg/lib-es5/sea.js";
import { inject } from "postject";
import { signMachO } from "./mach-o-signature.ts";

/** Where Node looks for what was put into it. In two halves, so that this file does not look like such a Node. */
const FUSE = ["NODE_SEA", "FUSE_fce680ab2cc467b6e072b8b5df1996b2"].join("_");

/** Of one program and one Node the same bytes each time: nothing is drawn by lot, no thread is faster than another. */
const REPEATABLE = ["--no-warnings", "--predictable", "--random-seed=1", "--hash-seed=1"];

/** What Node reads before the arguments of a binary with a snapshot. */
const QUICK = [
  // Keeps the hashes of a snapshot, which is the eighth part of its start. The seed is then the same in each process: an engine
  // could make names collide in its answers, but an engine can stop oneoff anyway.
  "--no-rehash-snapshot",
  // A short command runs few functions often enough to gain from a compiler between interpreter and optimizer, and streams of
  // data gain as much without.
  "--no-sparkplug",
  "--no-maglev",
  // A pattern is compiled once, not first for an interpreter.
  "--no-regexp-tier-up",
  // One thread beside the main one, and not four.
  "--v8-pool-size=1",
];

const CODE_CACHE = fileURLToPath(import.meta.resolve("./code-cache.ts"));

interface Binary {
  /** The program, or what a snapshot is taken of, in one file. */
  readonly bundle: string;
  /** Paths of what the program loads later, by name. */
  readonly assets: Readonly<Record<string, string>>;
  readonly platform: "linux" | "macos";
  /** The Node it is put into. */
  readonly node: string;
  /** Node for this machine, in the same version. */
  readonly generator: string;
  /** Whether the bundle is a program that a start-up snapshot is taken of. Only the very same Node can come back from it. */
  readonly snapshot: boolean;
}

/**
 * Makes a single executable. pkg runs the given Node, for a snapshot with the program up to its main function, and
 * injects the result into that Node. It cannot do so for macOS, whose Node does not run on Linux.
 * @param output the path of the executable; temporary files are beside it.
 */
export async function makeBinary(binary: Binary, output: string): Promise<void> {
  const base = `${output}.node`;
  copyFileSync(binary.node, base);
  chmodSync(base, 0o755);
  if (binary.snapshot) strip(base);
  const generator = makeGenerator(binary, base);
  if (binary.platform === process.platform.replace("darwin", "macos")) {
    const target = { nodeRange: "node24", platform: binary.platform, arch: process.arch, output };
    await sea.default(binary.bundle, {
      targets: [target],
      nodePath: generator.path,
      seaConfig: generator.seaConfig,
    } as never);
    return;
  }
  const [config, blob] = [`${output}.json`, `${output}.blob`];
  writeFileSync(config, JSON.stringify({ ...generator.seaConfig, output: blob }));
  execFileSync(generator.path, ["--experimental-sea-config", config], { stdio: "pipe" });
  renameSync(generator.path, output);
  await inject(output, "NODE_SEA_BLOB", readFileSync(blob), { sentinelFuse: FUSE, machoSegmentName: "NODE_SEA" });
  writeFileSync(output, signMachO(readFileSync(output), "oneoff"));
}

/** Symbols are a seventh of it. Without a `strip` the binary is larger, and no different. */
function strip(file: string) {
  try {
    execFileSync("strip", ["-s", file], { stdio: "pipe" });
  } catch (error) {
    process.stderr.write(`not stripped: ${(error as Error).message}\n`);
  }
}

/**
 * Writes a script that makes the blob reproducibly: Node gets its files as descriptors, no environment and a fixed name,
 * so no path of this machine is in the blob. Afterwards the script is replaced by the Node that gets the blob.
 * @returns the path of the script, and Node's SEA configuration.
 */
function makeGenerator({ bundle, assets, generator, snapshot }: Binary, base: string) {
  const command = [generator, ...REPEATABLE, "--experimental-sea-config", "/dev/fd/4"].map(quote).join(" ");
  const reduce = snapshot ? `&& ${[process.execPath, CODE_CACHE].map(quote).join(" ")} "$2"` : "";
  const script = `#!/usr/bin/env bash
(cd / && exec -c -a node ${command} 3<${quote(bundle)} 4<"$2") ${reduce} && mv ${quote(base)} "$0"
`;
  const path = `${base}.generator`;
  writeFileSync(path, script, { mode: 0o755 });
  const seaConfig = {
    main: "/dev/fd/3",
    disableExperimentalSEAWarning: true,
    assets,
    useSnapshot: snapshot,
    useCodeCache: false,
    // After `--` Node does not parse arguments: otherwise it would interpret every `--env-file` of oneoff or of the command.
    execArgv: [...(snapshot ? QUICK : []), "--"],
    // NODE_OPTIONS is meant for other programs.
    execArgvExtension: "none",
  };
  return { path, seaConfig };
}

const quote = (path: string) => `'${path.replaceAll("'", "'\\''")}'`;
