import { setTimeout as pause } from "node:timers/promises";
import { attachContainer, inspectContainer, resizeContainer } from "../../engine/containers.ts";
import type { Hijacked } from "../../engine/hijack.ts";
import type { Transport } from "../../engine/transport.ts";
import { endedBeforeAttach, paused } from "../../errors/session.ts";
import type { ByteSource } from "../../streams/pump.ts";
import { formatDetachKeys } from "../../terminal/detach-keys.ts";
import { exitCodeOf } from "../../terminal/signals.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import type { AppProcess } from "../apps/find-process.ts";
import { frameOutput } from "../logs/frame-output.ts";
import { OutputFollower } from "../logs/output-follower.ts";
import { openStoredOutput } from "../logs/stored-output.ts";
import { isLive, type Oneoff } from "../lookup/oneoff.ts";
import { SignalForwarder } from "./signal-forwarder.ts";
import { type SuperviseContext, supervise } from "./supervise.ts";
import { watchExit } from "./wait.ts";

/** A one-off, or a process of an app. */
type Attachable = Pick<Oneoff | AppProcess, "id" | "app" | "name" | "containerName" | "state"> &
  Partial<Pick<AppProcess, "from">>;

/**
 * Prints the log of a one-off, then its live output until it exits. For a process of an app, only new output is printed,
 * and neither input nor signals are forwarded.
 * @returns as `supervise`.
 */
export async function attachOneoff(context: SuperviseContext, oneoff: Attachable): Promise<number> {
  using signals = new SignalForwarder(context);
  const interrupted = signals.interrupted.catch(() => {
    const signal = signals.fatalSignal ?? "SIGINT";
    throw endedBeforeAttach(signal, exitCodeOf(signal), oneoff.name);
  });
  return await Promise.race([attach(context, oneoff, signals), interrupted]);
}

async function attach(context: SuperviseContext, oneoff: Attachable, signals: SignalForwarder): Promise<number> {
  const { engine, terminal, report } = context;
  const { id, name } = oneoff;
  const { Config, HostConfig, State } = await inspectContainer(engine, id);
  const { Tty: tty = false, OpenStdin = false } = Config;
  // The engine refuses to attach to a paused container, or sends nothing.
  if (State.Status === "paused") throw paused(oneoff.containerName);
  const logConfig = HostConfig.LogConfig;
  const isKept = logConfig.Type !== "none";
  const live = isLive(oneoff);
  const isProcess = oneoff.from !== undefined;
  const { exit } = live
    ? await watchExit(engine, oneoff)
    : { exit: Promise.resolve({ StatusCode: State.ExitCode ?? 0 }) };
  // With a log, earlier output can be read. Without a TTY, the one-off was detached and has no stdin to attach.
  const isFollowed = isKept && live && !isProcess;
  const stdin =
    OpenStdin && live && !isProcess && (tty ? terminal.input === "terminal" : !isKept && terminal.input !== "empty");
  using stack = new DisposableStack();
  const open = async (): Promise<{ output: ByteSource & Disposable; input?: Hijacked }> => {
    if (!live) return { output: stack.use(await openStoredOutput({ engine, id, name, tty, logConfig, report }, {})) };
    if (!isFollowed) {
      const connection = stack.use(await attachContainer(engine, id, { stdin, tty }));
      return { output: endSilentAfterExit(exit, connection, engine.timeoutsMs.lastOutput), input: connection };
    }
    const follower = stack.use(
      await OutputFollower.open(context, { id, name, tty, exit, logConfig, stdin, range: {} }),
    );
    return { output: frameOutput(follower, { tty }), input: follower.connection };
  };
  const { output, input } = await open();
  if (live) {
    const interrupt = isProcess ? "detach" : stdin && tty ? "key" : "signal";
    report({ type: "attached", name, app: oneoff.app, interrupt, detachKeys: formatDetachKeys(context.detachKeys) });
  }
  // An exited one-off reports no events and gets no journal entries.
  const silent = {
    ...context,
    ...(!live && { report: () => {} }),
    journal: { ...context.journal, append: () => {} },
  };
  return await supervise(live && !isProcess ? context : silent, signals, {
    app: oneoff.app,
    container: oneoff,
    output,
    input: stdin ? input : undefined,
    exit,
    tty,
    isShared: true,
    leaveOnSignal: !live || isProcess,
    ...(isProcess && { onSignal: (signal) => handleSignal(terminal, signal) }),
    start: async () => (tty && live ? redraw(engine, id, terminal) : undefined),
  });
}

/** Forwards no signal to a process of an app; ^Z suspends oneoff. */
function handleSignal(terminal: Terminal, signal: NodeJS.Signals): boolean {
  if (signal === "SIGTSTP") terminal.suspend();
  return true;
}

/** An engine that attaches to a container just as it exits may send no output and never close the stream. */
function endSilentAfterExit(
  exit: Promise<unknown>,
  connection: ByteSource & Disposable,
  timeoutMs: number,
): ByteSource & Disposable {
  const never = new Promise<void>(() => {});
  let isHeard = false;
  const silence = exit.then(
    () => pause(timeoutMs, undefined, { ref: false }).then(() => (isHeard ? never : undefined)),
    () => never,
  );
  return {
    read: (reader) => {
      const reading = connection.read((chunk) => {
        isHeard = true;
        return reader(chunk);
      });
      return Promise.race([reading, silence]);
    },
    resume: () => connection.resume(),
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  };
}

/** A full-screen program redraws only when its size changes: resize the TTY by one row, then back. */
async function redraw(engine: Transport, id: string, terminal: Terminal): Promise<void> {
  const size = terminal.size();
  // The command may not run yet, or not any more. The real size is set afterwards.
  if (size) await resizeContainer(engine, id, { ...size, rows: size.rows + 1 }).catch(() => {});
}
