import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export type Env = Record<string, string | undefined>;

export type ProcessOptions = {
  /** Bytes followed by EOF, an empty stdin (`ignore`, the default), or a file descriptor. */
  stdin?: string | Buffer | "ignore" | number;
  /** Added to the environment of the tests; `undefined` unsets a variable. */
  env?: Env;
  cwd?: string;
  /** In milliseconds. A child that exceeds it is killed, and `done` rejects. */
  timeout?: number;
};

export type ProcessResult = { code: number | null; signal: NodeJS.Signals | null; stdout: Buffer; stderr: Buffer };

export type StartedProcess = {
  child: ChildProcess;
  pid: number;
  /** The output so far. */
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Settles when the child has exited and its pipes are closed. */
  done: Promise<ProcessResult>;
  /** Kills a running child. */
  [Symbol.asyncDispose](): Promise<void>;
};

export const environment = (added: Env = {}): NodeJS.ProcessEnv => ({ ...process.env, ...added });

/** `kill -0` also succeeds for a zombie, so the state is read. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
};

/** With `stdin: "pipe"` the caller writes to stdin and closes it. */
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
  done.catch(() => {}); // callers need not await `done`
  let isTimedOut = false;
  const timer = timeout && setTimeout(() => (isTimedOut = child.kill("SIGKILL")), timeout);
  child.once("close", (code, signal) => {
    clearTimeout(timer || undefined);
    if (!isTimedOut) return resolve({ code, signal, ...output() });
    const { stdout, stderr } = output();
    reject(new Error(`${argv.join(" ")}: still running after ${timeout} ms\nstdout: ${stdout}\nstderr: ${stderr}`));
  });

  await new Promise((spawned, failed) => child.once("spawn", spawned).once("error", failed));
  // A child may exit before it has read all of stdin.
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

/** Runs a command until it exits, without the stdin of the tests. */
export const run = async (argv: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> =>
  (await start(argv, options)).done;
