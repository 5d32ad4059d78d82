import { setTimeout as pause } from "node:timers/promises";
import { type Env, envList } from "../../app/env.ts";
import { createExec, inspectExec, resizeExec, startExec } from "../../engine/exec.ts";
import type { Transport } from "../../engine/transport.ts";
import { exitUnknown, isConnectionLoss, isExitUnknown } from "../../errors/engine.ts";
import { outputFailed } from "../../errors/io.ts";
import { execLost, execNeverStarted, notRunning } from "../../errors/session.ts";
import { exitCodeOf } from "../../terminal/signals.ts";
import type { Running } from "../lookup/find-running.ts";
import { execRefusal } from "./command-refusal.ts";
import { withoutRefusal } from "./exec-refusal.ts";
import { ENDING } from "./signal-forwarder.ts";
import { converse } from "./stdio.ts";
import type { AttendContext } from "./supervise.ts";

/** A command to run beside what runs already in a container. */
export interface ExecSpec {
  readonly argv: readonly string[];
  readonly env: Env;
  /** Variables that it is not to have. */
  readonly unset?: readonly string[];
  readonly user?: string | undefined;
  readonly workdir?: string | undefined;
  readonly tty: boolean;
  readonly stdin: boolean;
}

/** How often, and with pauses of how many milliseconds, Podman is asked for the code of what has just ended. */
const LOOKS = 100;
const PAUSE = 20;

/** What engines say for a command that they could not start; after 28 the code tells which. */
const NOT_STARTED: ReadonlySet<number> = new Set([125, 126, 127]);

/**
 * The engine looks for detach keys as well, holds back what might be their beginning, and takes an empty value for its
 * default, which begins with what calls the last command back. What is JSON cannot name keys that nobody can type.
 */
const RARE_KEYS = "ctrl-^,ctrl-@,ctrl-^,ctrl-@,ctrl-^,ctrl-@";

/**
 * Runs it, as attached as a one-off is. The engine has no way to signal it: what ends us leaves it running.
 * @returns its exit code; 0 when it was detached from; 128+n when we were ended; 141 when the reader of our stdout has gone.
 */
export async function execute(
  { engine, terminal, detachKeys }: Omit<AttendContext, "report" | "journal">,
  container: Pick<Running, "id" | "name" | "containerName">,
  { argv, env, unset = [], user, workdir, tty, stdin }: ExecSpec,
): Promise<number> {
  const left = Promise.withResolvers<number>();
  using _listening = terminal.onSignal((signal) => {
    if (ENDING.has(signal)) left.resolve(exitCodeOf(signal));
  });
  const size = terminal.size();
  const creating = createExec(engine, container.id, {
    DetachKeys: RARE_KEYS,
    Cmd: argv,
    Env: [...envList(env), ...unset],
    ...(user && { User: user }),
    ...(workdir && { WorkingDir: workdir }),
    Tty: tty,
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
    ...(tty && size && { ConsoleSize: [size.rows, size.columns] }),
  }).catch((error: unknown) => {
    throw notRunning(container, error);
  });
  const id = await Promise.race([creating, left.promise]);
  if (typeof id === "number") return id;
  using connection = await startExec(engine, id, { tty });
  const watched = withoutRefusal(connection, tty);
  using talk = converse(
    terminal,
    { output: watched.output, input: stdin ? connection : undefined, tty, detachKeys },
    {
      onHangup: () => left.resolve(exitCodeOf("SIGHUP")),
      onBroken: () => left.resolve(exitCodeOf("SIGPIPE")),
    },
  );
  talk.detached.then(() => left.resolve(0));
  talk.begin((size) => resizeExec(engine, id, size), engine.dialect.sizeAgain);
  const explain = (error: unknown): never => {
    throw isConnectionLoss(error) || isExitUnknown(error) ? execLost(container.name, error) : error;
  };
  const leaving = await Promise.race([talk.output.then(() => undefined), left.promise]).catch(explain);
  talk[Symbol.dispose]();
  if (talk.broken && talk.broken.error.code !== "EPIPE") throw outputFailed(talk.broken, "runs on");
  if (leaving !== undefined) return leaving;
  const { code, isStarted } = await execExit(engine, id).catch(explain);
  if (watched.refusal !== undefined && NOT_STARTED.has(code)) throw execRefusal(watched.refusal, argv[0]);
  if (!isStarted) throw execNeverStarted(container.name);
  if (watched.refusal !== undefined) terminal.stdout.write(`${watched.refusal}\r\n`);
  return code;
}

/** How the command of an exec has ended. */
interface ExecExit {
  readonly code: number;
  /** False where the engine found, before it started the command, that the connection was gone. */
  readonly isStarted: boolean;
}

/**
 * Docker has noted how it ended before the stream ends; Podman may take a moment. Where it still runs the stream was cut:
 * its code, had it one soon, would not tell that output is missing.
 */
export async function execExit(engine: Transport, id: string): Promise<ExecExit> {
  const { missesExits, keepsExecPids } = engine.dialect;
  const looks = missesExits ? LOOKS : 1;
  for (let looked = 0; looked < looks; looked += 1) {
    if (looked > 0) await pause(PAUSE);
    const { Running, ExitCode, Pid } = await inspectExec(engine, id);
    if (!Running && ExitCode !== null) {
      const isStarted = !(keepsExecPids && Pid === 0 && NOT_STARTED.has(ExitCode));
      return { code: ExitCode, isStarted };
    }
  }
  throw exitUnknown("it runs on without its output");
}
