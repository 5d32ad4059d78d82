import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export type Env = Record<string, string | undefined>;

export type ProcessOptions = {
  /** What the child reads: these bytes and then the end of file, nothing at all (the default), or this descriptor. */
  stdin?: string | Buffer | "ignore" | number;
  /** Added to the environment of the tests; `undefined` takes a variable away. */
  env?: Env;
  cwd?: string;
  /** In ms. A child that takes longer is killed, and that is an error. */
  timeout?: number;
};

export type ProcessResult = { code: number | null; signal: NodeJS.Signals | null; stdout: Buffer; stderr: Buffer };

export type StartedProcess = {
  child: ChildProcess;
  pid: number;
  /** What it has printed so far. */
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Settles when the child has ended and nobody can write to its pipes any more. */
  done: Promise<ProcessResult>;
  /** Kills the child if it still lives. */
  [Symbol.asyncDispose](): Promise<void>;
};

export const environment = (added: Env = {}): NodeJS.ProcessEnv => ({ ...process.env, ...added });

/** A zombie, of which a signal 0 would say that it lives, is dead: it only waits for its parent to look. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
};

/** With `stdin: "pipe"` the child's stdin stays open, for the caller to write to and to end. */
export const start = async (
  argv: readonly string[],
  options: Omit<ProcessOptions, "stdin"> & { stdin?: ProcessOptions["stdin"] | "pipe" } = {},
): Promise<StartedProcess> => {
  const { stdin = "ignore", env, cwd, timeout } = options;
  const [file = "", ...args] = argv;
  const piped = stdin === "pipe" || Buffer.isBuffer(stdin) || (typeof stdin === "string" && stdin !== "ignore");
  const stdio = [piped ? "pipe" : stdin, "pipe", "pipe"] as ("pipe" | "ignore" | number)[];
  const child = spawn(file, args, { stdio, cwd, env: environment(env) });

  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
  const output = () => ({ stdout: Buffer.concat(out), stderr: Buffer.concat(err) });

  const { promise: done, resolve, reject } = Promise.withResolvers<ProcessResult>();
  done.catch(() => {}); // a caller who only looks at the live child has no reason to wait for it
  let late = false;
  const timer = timeout && setTimeout(() => (late = child.kill("SIGKILL")), timeout);
  child.once("close", (code, signal) => {
    clearTimeout(timer || undefined);
    if (!late) return resolve({ code, signal, ...output() });
    const { stdout, stderr } = output();
    reject(new Error(`${argv.join(" ")}: still running after ${timeout} ms\nstdout: ${stdout}\nstderr: ${stderr}`));
  });

  await new Promise((spawned, failed) => child.once("spawn", spawned).once("error", failed));
  // A child may well end without having read everything: that is its right, not an error of the test.
  child.stdin?.on("error", () => {});
  if (piped && stdin !== "pipe") child.stdin?.end(stdin);

  return {
    child,
    pid: child.pid as number,
    get stdout() {
      return output().stdout;
    },
    get stderr() {
      return output().stderr;
    },
    done,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await exited;
    },
  };
};

/** Runs a command to its end. It never sees the stdin of the tests. */
export const run = async (argv: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> =>
  (await start(argv, options)).done;
