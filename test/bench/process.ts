import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { type Env, environment } from "../support/process.ts";

export interface Streams {
  /** A file descriptor that the child inherits: it is closed here once the child has it. The default is /dev/null. */
  readonly stdin?: number;
  /** A file descriptor that the child inherits. The default is a pipe that is read here, good for a few lines. */
  readonly stdout?: number;
  readonly env?: Env;
  readonly cwd?: string;
}

export interface Ended {
  /** From just before the fork until the exit was noticed, in ms. */
  readonly ms: number;
  /** By performance.now(). */
  readonly begun: number;
  readonly ended: number;
  readonly stdout: string;
}

/** Longer than any benchmark lasts on a slow machine, in ms. */
const COMMAND_TIMEOUT_MS = 600_000;

/** Starts a process. `done` rejects unless it exits with 0: the time of a failure means nothing. */
export const launch = (argv: readonly string[], { stdin, stdout, env, cwd }: Streams = {}) => {
  const [file = "", ...args] = argv;
  const options = { env: environment(env), cwd, timeout: COMMAND_TIMEOUT_MS, killSignal: "SIGKILL" as const };
  const begun = performance.now();
  const child = spawn(file, args, { ...options, stdio: [stdin ?? "ignore", stdout ?? "pipe", "pipe"] });
  for (const given of [stdin, stdout]) if (given !== undefined) closeSync(given);

  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => (said[name] += text));
  }
  let ended = 0;
  // The "close" event would also wait for the reads here, which are no part of the duration.
  child.once("exit", () => (ended = performance.now()));
  const done = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject).once("close", (code, signal) => {
      if (code === 0) resolve({ ms: ended - begun, begun, ended, stdout: said.stdout });
      else reject(new Error(`${argv.join(" ")}: ended with ${code ?? signal}\n${said.stderr}`));
    });
  });
  done.catch(() => {}); // A caller that started several processes waits for one after the other.
  return { pid: child.pid, done };
};

/** Runs a process to its end. @returns its duration, in ms. */
export const time = async (argv: readonly string[], streams: Streams = {}): Promise<number> =>
  (await launch(argv, streams).done).ms;
