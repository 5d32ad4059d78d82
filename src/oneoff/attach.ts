import { setTimeout as pause } from "node:timers/promises";
import { attachContainer, inspectContainer, resizeContainer } from "../engine/containers.ts";
import { openLogs } from "../engine/logs.ts";
import type { Transport } from "../engine/transport.ts";
import type { ByteSource } from "../streams/pump.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type AttendContext, attend } from "./attend.ts";
import { SignalForwarder } from "./forward.ts";
import { isLive, type Oneoff } from "./one-off.ts";
import { awaitEnd } from "./wait.ts";

/** Shows what a one-off has written, as far as it was kept, and stays with it to its end. @returns what `attend` does. */
export async function attachOneoff(context: AttendContext, oneoff: Oneoff): Promise<number> {
  using signals = new SignalForwarder(context);
  return await Promise.race([attach(context, oneoff, signals), signals.abandoned]);
}

async function attach(context: AttendContext, oneoff: Oneoff, signals: SignalForwarder): Promise<number> {
  const { engine, terminal } = context;
  const { id } = oneoff;
  const { Config, HostConfig, State } = await inspectContainer(engine, id);
  const { Tty: tty = false, OpenStdin = false } = Config;
  const isKept = HostConfig.LogConfig.Type !== "none";
  const live = isLive(oneoff);
  const { exit } = live
    ? await awaitEnd(engine, oneoff)
    : { exit: Promise.resolve({ StatusCode: State.ExitCode ?? 0 }) };
  // The log has everything once. Only the container itself takes input, and has what is kept nowhere.
  const fromLog = isKept && oneoff.state !== "starting" && !(live && tty);
  const stdin = OpenStdin && !fromLog && (tty ? terminal.input === "terminal" : terminal.input !== "empty");
  using log = fromLog ? await openLogs(engine, id, { follow: live }) : undefined;
  using connection = fromLog ? undefined : await attachContainer(engine, id, { stdin, tty, logs: isKept });
  // Nothing happens any more to one that has ended.
  const silent = { ...context, report: () => {}, journal: { ...context.journal, append: () => {} } };
  return await attend(live ? context : silent, signals, {
    app: oneoff.app,
    container: oneoff,
    output: log ?? heardUntil(exit, connection as NonNullable<typeof connection>),
    input: stdin ? connection : undefined,
    exit,
    tty,
    isShared: true,
    leaveOnSignal: !live,
    start: async () => (tty && live ? redraw(engine, id, terminal) : undefined),
  });
}

/** How long something may take to be heard of what has ended, in milliseconds. */
const PATIENCE = 2_000;

/** An engine that is asked for what comes from a container that ends just then may never say anything, nor that it is over. */
function heardUntil(exit: Promise<unknown>, connection: ByteSource & Disposable): ByteSource & Disposable {
  const never = new Promise<void>(() => {});
  let isHeard = false;
  const silence = exit.then(
    () => pause(PATIENCE, undefined, { ref: false }).then(() => (isHeard ? never : undefined)),
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

/** A program that fills the screen draws it anew when its size changes, and does not know that somebody else looks on. */
async function redraw(engine: Transport, id: string, terminal: Terminal): Promise<void> {
  const size = terminal.size();
  // It need not run yet, nor any more: the size proper is set again later.
  if (size) await resizeContainer(engine, id, { ...size, rows: size.rows + 1 }).catch(() => {});
}
