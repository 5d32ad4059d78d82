import { setTimeout as pause } from "node:timers/promises";
import { createExec, startExec } from "../../engine/exec.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { execNeverStarted } from "../../errors/session.ts";
import { execExit } from "../../oneoff/exec.ts";
import { FrameParser } from "../../streams/frames.ts";

/** What became of a command. */
export interface Outcome {
  /** 127 where there is no such program; undefined when it took too long. */
  readonly code: number | undefined;
  /** The beginning of it. */
  readonly stdout: string;
  readonly stderr: string;
}

/** In bytes. */
const MOST = 64 * 1024;

const NO_PROGRAM = { code: 127, stdout: "", stderr: "" };

/** Runs a command in a container, as its user. The engine cannot end one: what takes too long is left to itself. */
export async function runInside(
  { engine, signal }: { readonly engine: Transport; readonly signal: AbortSignal },
  container: string,
  argv: readonly string[],
  seconds: number,
): Promise<Outcome> {
  const id = await createExec(engine, container, {
    DetachKeys: "ctrl-^,ctrl-@",
    Cmd: argv,
    Env: [],
    Tty: false,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
  });
  const written = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const frames = new FrameParser((channel, payload) => {
    if (written[channel].length < MOST) written[channel] = Buffer.concat([written[channel], payload]);
  });
  try {
    using connection = await startExec(engine, id, { tty: false });
    const read = connection.read((chunk) => {
      frames.push(chunk);
      return true;
    });
    const stop = new AbortController();
    const late = pause(seconds * 1000, "late" as const, { signal: AbortSignal.any([signal, stop.signal]) });
    late.catch(() => {});
    const ended = await Promise.race([read, late]).finally(() => stop.abort());
    const [stdout, stderr] = [written.stdout.toString(), written.stderr.toString()];
    if (ended === "late") return { code: undefined, stdout, stderr };
    const { code, isStarted } = await execExit(engine, id);
    // Docker writes into the output why it could not start a command.
    if (!isStarted && stdout === "") throw execNeverStarted(container);
    return { code, stdout, stderr };
  } catch (error) {
    if (isRefusal(error, 400, 500) && /executable file not found|no such file/i.test(error.reason)) return NO_PROGRAM;
    throw error;
  }
}
