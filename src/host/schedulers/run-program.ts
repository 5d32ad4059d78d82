import { spawn } from "node:child_process";
import { buffer, text } from "node:stream/consumers";

export interface ProgramResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** @throws NodeJS.ErrnoException, ENOENT if the program is not installed. */
export type RunProgram = (argv: readonly string[], stdin?: Buffer) => Promise<ProgramResult>;

const PROGRAM_TIMEOUT_MS = 60_000;

/** Runs a program of the host. @param env messages are in English. */
export const programRunner =
  (env: Readonly<Record<string, string | undefined>>): RunProgram =>
  async ([file = "", ...args], stdin) => {
    const child = spawn(file, args, {
      stdio: ["pipe", "pipe", "pipe"],
      timeout: PROGRAM_TIMEOUT_MS,
      env: { ...env, LC_ALL: "C" },
    });
    const ended = new Promise<number | null>((resolve, reject) => child.once("close", resolve).once("error", reject));
    // A program need not read its stdin.
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
    const [stdout, stderr, code] = await Promise.all([buffer(child.stdout), text(child.stderr), ended]);
    return { code, stdout, stderr };
  };
