import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { type Env, environment } from "../support/process.ts";

export interface Streams {
  /** A descriptor that is handed over: it is closed here once the child has it. None is /dev/null. */
  readonly stdin?: number;
  /** The same. None is a pipe that is read here, good for a few lines. */
  readonly stdout?: number;
  readonly env?: Env;
  readonly cwd?: string;
}

export interface Ended {
  /** From just before the fork until the exit was noticed, in ms. */
  readonly ms: number;
  /** On the clock of performance.now(). */
  readonly begun: number;
  readonly ended: number;
  readonly stdout: string;
}

/** Longer than anything here takes on a slow machine, in ms. */
const COMMAND_TIMEOUT_MS = 600_000;

/** Starts a process. `done` rejects when it ends with anything but 0: such a time means nothing. */
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
  // Not at "close": that also waits for our own reading, which is no part of what the process takes.
  child.once("exit", () => (ended = performance.now()));
  const done = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject).once("close", (code, signal) => {
      if (code === 0) resolve({ ms: ended - begun, begun, ended, stdout: said.stdout });
      else reject(new Error(`${argv.join(" ")}: ended with ${code ?? signal}\n${said.stderr}`));
    });
  });
  done.catch(() => {}); // whoever started several waits for one after the other
  return { pid: child.pid, done };
};

/** Runs a process to its end. @returns what it took, in ms. */
export const time = async (argv: readonly string[], streams: Streams = {}): Promise<number> =>
  (await launch(argv, streams).done).ms;
