import { setTimeout as pause } from "node:timers/promises";
import type { Launcher } from "../../app/buildpacks.ts";
import { createExec, startExec } from "../../engine/exec.ts";
import type { Transport } from "../../engine/transport.ts";
import type { Endpoint } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import { execNeverStarted } from "../../errors/session.ts";
import { readExecExit } from "../../oneoff/session/exec.ts";
import { FrameParser } from "../../streams/frames.ts";

export interface CheckContext {
  readonly engine: Transport;
  readonly signal: AbortSignal;
}

/** A process to check. */
export interface CheckTarget {
  /** Container ID. */
  readonly id: string;
  /** The value of `PORT`. */
  readonly port: number;
  /** Its first network; undefined if the container has no address of its own. */
  readonly endpoint: Endpoint | undefined;
  readonly launcher?: Launcher | undefined;
}

/** The result of a command in a container. */
export interface ExecResult {
  /** 127 if the program does not exist; undefined on a timeout. */
  readonly code: number | undefined;
  /** Up to `MAX_OUTPUT_BYTES`. */
  readonly stdout: string;
  readonly stderr: string;
}

const MAX_OUTPUT_BYTES = 64 * 1024;

const PROGRAM_NOT_FOUND = { code: 127, stdout: "", stderr: "" };

/** Runs a command as the container's user. After a timeout it keeps running, because the engine cannot stop it. */
export async function execCheck(
  { engine, signal }: CheckContext,
  container: string,
  argv: readonly string[],
  timeoutS: number,
): Promise<ExecResult> {
  const id = await createExec(engine, container, {
    Cmd: argv,
    Env: [],
    Tty: false,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
  });
  const output = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const frames = new FrameParser((channel, payload) => {
    if (output[channel].length < MAX_OUTPUT_BYTES) output[channel] = Buffer.concat([output[channel], payload]);
  });
  try {
    using connection = await startExec(engine, id, { tty: false });
    const read = connection.read((chunk) => {
      frames.push(chunk);
      return true;
    });
    const done = new AbortController();
    const timeout = pause(timeoutS * 1000, "timeout" as const, { signal: AbortSignal.any([signal, done.signal]) });
    timeout.catch(() => {});
    const outcome = await Promise.race([read, timeout]).finally(() => done.abort());
    const [stdout, stderr] = [output.stdout.toString(), output.stderr.toString()];
    if (outcome === "timeout") return { code: undefined, stdout, stderr };
    const { code, isStarted } = await readExecExit(engine, id);
    // Docker prints the reason to stdout if it cannot start a command.
    if (!isStarted && stdout === "") throw execNeverStarted(container);
    return { code, stdout, stderr };
  } catch (error) {
    if (isRefusal(error, 400, 500) && /executable file not found|no such file/i.test(error.reason))
      return PROGRAM_NOT_FOUND;
    throw error;
  }
}
