import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import sea from "@yao-pkg/pkg/lib-es5/sea.js";

/**
 * Makes the binary for this machine: pkg puts the bundle into the Node that runs this script, as a start-up snapshot
 * of the whole program. Node itself takes the snapshot, by running the bundle up to its main function.
 * @param work a folder for what is needed on the way.
 */
export async function makeBinary(bundle: string, work: string, output: string): Promise<void> {
  const base = `${work}/node`;
  copyFileSync(process.execPath, base);
  // Symbols are a seventh of it. Without a `strip` the binary is larger, and no different.
  try {
    execFileSync("strip", ["-s", base], { stdio: "pipe" });
  } catch (error) {
    process.stderr.write(`not stripped: ${(error as Error).message}\n`);
  }
  const seaConfig = {
    disableExperimentalSEAWarning: true,
    useSnapshot: true,
    useCodeCache: false,
    // undici parses with WebAssembly: the quick compiler is enough for five answers, and the thorough one would take
    // a core from the engine. After `--` Node looks for nothing of its own among our words: without it, it would take
    // any `--env-file`, ours or the command's, for one of its options.
    execArgv: ["--liftoff-only", "--"],
    // What NODE_OPTIONS says is meant for other programs.
    execArgvExtension: "none",
  };
  const platform = process.platform === "darwin" ? "macos" : "linux";
  const target = { nodeRange: "node24", platform, arch: process.arch, output } as const;
  await sea.default(bundle, { targets: [target], nodePath: base, seaConfig, signature: true } as never);
}
