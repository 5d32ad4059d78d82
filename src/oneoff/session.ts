import { attachContainer, connectNetwork, startContainer, stopContainer, waitContainer } from "../engine/containers.ts";
import { watchContainer } from "../engine/events.ts";
import type { Transport } from "../engine/transport.ts";
import { exitUnknown, isConnectionLoss, outputFailed, startFailed, timedOut } from "../errors.ts";
import type { Channel } from "../streams/frames.ts";
import { pumpOutput } from "../streams/pump.ts";
import { exitCodeOf } from "../terminal/signals.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type CreateContext, createOneoff, discard, discardUnlessStarted } from "./container.ts";
import { GRACE, SignalForwarder } from "./forward.ts";
import { followSize, pipeStdin, typeInto } from "./interact.ts";
import { explainLoss } from "./loss.ts";
import type { OneoffSpec } from "./spec.ts";

/** 128 + SIGKILL, which is how the kernel ends what has taken too much memory. */
const KILLED = 137;

export interface SessionContext extends CreateContext {
  readonly terminal: Terminal;
  readonly detachKeys: Buffer;
}

/**
 * Creates, attaches and waits, and only then starts: nothing the command writes and no way it ends can be missed.
 * Over when its output has been written *and* its code is known. The engine removes the container, so that even our
 * own death leaves nothing behind; one that never started is removed by us.
 * @returns the command's exit code; 0 when it was detached from; 141 when the reader of our stdout has gone.
 * @throws OneoffError, with exit code 126 or 127 when the command could not be started, 128+n when a signal came first.
 */
export async function runAttached(context: SessionContext, spec: OneoffSpec): Promise<number> {
  using signals = new SignalForwarder(context);
  return await Promise.race([attach(context, spec, signals), signals.abandoned]);
}

async function attach(context: SessionContext, spec: OneoffSpec, signals: SignalForwarder): Promise<number> {
  const { engine, terminal, report } = context;
  const container = await createOneoff({ ...context, interrupted: signals.interrupted }, spec);
  const { id, name } = container;
  await using unstarted = discardUnlessStarted(engine, report, container);
  signals.check();
  const acknowledged = waitContainer(engine, id, "next-exit");
  // It is awaited below; should the attach fail first, nobody asks for it any more.
  acknowledged.catch(() => {});
  const joining = joinNetworks(engine, id, spec.moreNetworks);
  joining.catch(() => {});
  using connection = await attachContainer(engine, id, { stdin: spec.stdin, tty: spec.tty });
  const { exit } = await acknowledged;
  await joining;
  signals.check();

  let outOfMemory = false;
  using _watching = spec.memory
    ? await watchContainer(engine, id, "oom", () => {
        outOfMemory = true;
      })
    : undefined;

  const stop = (why: "hangup" | "output" | "timeout") => {
    report({ type: "stopping", name, why, grace: GRACE });
    // Whether it was stopped or not, its end is what we wait for.
    stopContainer(engine, id, GRACE).catch(() => {});
  };
  let broken: { channel: Channel; error: NodeJS.ErrnoException } | undefined;
  const output = pumpOutput(connection, spec.tty ? "raw" : "multiplexed", terminal, (channel, error) => {
    broken ??= { channel, error };
    stop("output");
  });
  output.catch(() => {});

  using interaction = new DisposableStack();
  const detached = Promise.withResolvers<void>();
  if (spec.tty) report({ type: "running", app: spec.app, name });
  if (spec.tty && spec.stdin) {
    interaction.use(terminal.raw());
    interaction.use(typeInto(terminal, connection, context.detachKeys, detached.resolve, () => stop("hangup")));
  } else if (spec.stdin) interaction.use(pipeStdin(terminal, connection));

  await start(engine, id);
  unstarted.started();
  signals.begin(id, name);
  let late = false;
  using _deadline = after(spec.timeout, () => {
    late = true;
    stop("timeout");
  });
  if (spec.tty) interaction.use(followSize(engine, id, terminal));

  try {
    const finished = output
      .then(() => exit)
      .then(({ StatusCode, Error: failure }) => {
        if (failure?.Message) throw exitUnknown(failure.Message);
        return StatusCode;
      });
    const left = detached.promise.then(() => {
      interaction.dispose();
      report({ type: "left", name, container: id });
      return 0;
    });
    const code = await Promise.race([finished, left, signals.left]);
    // Removed by the third ^C, the command may still be seen to end before the removal is answered.
    if (signals.leaving) return await signals.left;
    if (late) throw timedOut(name, spec.timeout ?? 0);
    if (outOfMemory && spec.memory && code === KILLED) report({ type: "out-of-memory", name, limit: spec.memory });
    if (broken && broken.error.code !== "EPIPE") throw outputFailed(broken.channel, broken.error);
    return broken ? exitCodeOf("SIGPIPE") : code;
  } catch (error) {
    // Nothing of what follows should be read in raw mode.
    interaction.dispose();
    // What is removed may take its streams along.
    if (signals.leaving) return await signals.left;
    if (isConnectionLoss(error)) throw await explainLoss(engine, container, error);
    if (!broken && !late) await discard(engine, report, container);
    throw error;
  }
}

/** Creates and starts, and leaves. @returns the container's id, once the engine has acknowledged the start. */
export async function runDetached(context: SessionContext, spec: OneoffSpec): Promise<string> {
  using signals = new SignalForwarder(context);
  return await Promise.race([detach(context, spec, signals), signals.abandoned]);
}

async function detach(context: SessionContext, spec: OneoffSpec, signals: SignalForwarder): Promise<string> {
  const { engine, report } = context;
  const container = await createOneoff({ ...context, interrupted: signals.interrupted }, spec);
  await using unstarted = discardUnlessStarted(engine, report, container);
  await joinNetworks(engine, container.id, spec.moreNetworks);
  signals.check();
  await start(engine, container.id);
  unstarted.started();
  report({ type: "detached", name: container.name, container: container.id });
  return container.id;
}

/** @param seconds undefined for never. */
function after(seconds: number | undefined, action: () => void): Disposable {
  const timer = seconds === undefined ? undefined : setTimeout(action, seconds * 1000);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

async function joinNetworks(engine: Transport, id: string, networks: readonly string[]): Promise<void> {
  await Promise.all(networks.map((network) => connectNetwork(engine, network, id)));
}

async function start(engine: Transport, id: string): Promise<void> {
  try {
    await startContainer(engine, id);
  } catch (error) {
    throw startFailed(error);
  }
}
