import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import sea from "@yao-pkg/pkg/lib-es5/sea.js";

/**
 * Makes the binary for this machine: pkg puts the bundle into the Node that runs this script, as a start-up snapshot
 * of the whole program. Node itself takes the snapshot, by running the bundle up to its main function.
 * @param work a folder for what is needed on the way.
 */
export async function makeBinary(bundle: string, work: string, output: string): Promise<void> {
  const base = `${work}/node`;
  copyFileSync(process.execPath, base);
  blindToEnvFile(base);
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
    // a core from the engine.
    execArgv: ["--liftoff-only"],
    // What NODE_OPTIONS says is meant for other programs.
    execArgvExtension: "none",
  };
  const platform = process.platform === "darwin" ? "macos" : "linux";
  const target = { nodeRange: "node24", platform, arch: process.arch, output } as const;
  await sea.default(bundle, { targets: [target], nodePath: base, seaConfig, signature: true } as never);
}

/**
 * Node looks for `--env-file` among all words of a program, ours and the command's, before the program begins: it would
 * read the file into our own environment, and end us when there is none. Nothing turns that off, so the names that it
 * compares with are made to be others: in its constants, and where the compiler has put the first eight bytes into the
 * code (`mov r64, imm64`). Elsewhere than on x64 the code looks different, and is left.
 */
function blindToEnvFile(node: string): void {
  if (process.arch !== "x64") return;
  const bytes = readFileSync(node);
  const constants = bytes.indexOf("--env-file\0--env-file=\0--env-file-if-exists\0--env-file-if-exists=\0");
  if (constants < 0) throw new Error("This Node looks for --env-file in a way that is not known");
  const word = Buffer.from("--env-fi");
  for (let at = bytes.indexOf(word); at >= 0 && at < constants + 64; at = bytes.indexOf(word, at + 1)) {
    const [prefix = 0, opcode = 0] = bytes.subarray(at - 2, at);
    // No word that anybody types begins with this.
    if (at >= constants || ((prefix & 0xfe) === 0x48 && (opcode & 0xf8) === 0xb8)) bytes[at] = 1;
  }
  writeFileSync(node, bytes);
}
