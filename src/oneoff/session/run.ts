import { setImmediate as turn } from "node:timers/promises";
import { attachContainer, connectNetwork, resizeContainer, startContainer } from "../../engine/containers.ts";
import { isInitMissing } from "../../engine/missing-init.ts";
import type { Transport } from "../../engine/transport.ts";
import { waitContainer } from "../../engine/wait.ts";
import { linesOf, notCopied } from "../../errors/error.ts";
import { outputCut } from "../../errors/io.ts";
import { isEngineLost } from "../../errors/session.ts";
import { fetchTree } from "../files/download.ts";
import { recordOf } from "../journal/journal.ts";
import type { NetworkJoin } from "../spec/networks.ts";
import type { OneoffSpec } from "../spec/spec.ts";
import { startRefusal } from "./command-refusal.ts";
import { disown } from "./container.ts";
import { runSpec } from "./init-fallback.ts";
import { withoutExecFailure } from "./not-executed.ts";
import { type PrepareContext, type Prepared, prepare } from "./prepare.ts";
import { SignalForwarder } from "./signal-forwarder.ts";
import { type AttendContext, type Attended, attend } from "./supervise.ts";

export interface SessionContext extends Omit<PrepareContext, "signals">, AttendContext {
  /** What relative paths of ours are relative to. */
  readonly cwd: string;
  /** Called when it has been started. */
  readonly onStart?: () => void;
}

/** What somebody does about a run besides running it. */
export interface Attendance extends Pick<Attended, "onSignal"> {
  /**
   * Called once it is attended to, with the container still there when that is over, if the engine does not remove it.
   * @returns what the run returns.
   */
  afterwards?(prepared: Prepared, attending: Promise<number>): Promise<number>;
}

/**
 * Creates, attaches and waits, and only then starts: nothing the command writes and no way it ends can be missed.
 * Over when its output has been written *and* its code is known. The engine removes the container, so that even our
 * own death leaves nothing behind; one that never started is removed by us.
 * What is to be detached is followed, until a signal ends us and not the command.
 * @returns what `attend` does; 0 when there is nothing to do because somebody else has the lock.
 * @throws OneoffError, with exit code 126 or 127 when the command could not be started, 128+n when a signal came first.
 */
export async function runAttached(
  context: SessionContext,
  spec: OneoffSpec,
  attendance: Attendance = {},
): Promise<number> {
  using signals = new SignalForwarder(context);
  const running = runSpec(context, spec, (spec) => attached(context, spec, signals, attendance));
  return await Promise.race([running, signals.abandoned]);
}

async function attached(
  context: SessionContext,
  spec: OneoffSpec,
  signals: SignalForwarder,
  { onSignal, afterwards }: Attendance,
): Promise<number> {
  const { engine, report } = context;
  await using prepared = await prepare({ ...context, signals }, spec);
  if (!prepared) return 0;
  const { container } = prepared;
  const { id, name } = container;
  const acknowledged = waitContainer(engine, id, "next-exit");
  // It is awaited below; should the attach fail first, nobody asks for it any more.
  acknowledged.catch(() => {});
  const joining = joinNetworks(engine, id, spec.moreNetworks);
  joining.catch(() => {});
  // Podman makes all ready for the command when it is attached to, and says here what others say at the start.
  using connection = await attachContainer(engine, id, { stdin: spec.stdin, tty: spec.tty }).catch((error) => {
    const failure = startRefusal(error, spec.command[0]);
    if (failure !== error) recordFailure(context, spec, prepared);
    throw failure;
  });
  const { exit } = await acknowledged;
  await joining;
  const size = spec.tty && engine.dialect.isSizedByAttaching ? context.terminal.size() : undefined;
  // A size that cannot be set is no reason to end a session.
  if (size) await resizeContainer(engine, id, size).catch(() => {});
  signals.check();
  if (spec.tty && spec.stdin) report({ type: "running", app: spec.app, name });
  const watched = withoutExecFailure(connection, spec.tty);
  const attending = attend(context, signals, {
    ...spec,
    container,
    output: { ...watched.output, [Symbol.dispose]: () => connection[Symbol.dispose]() },
    input: spec.stdin ? connection : undefined,
    exit,
    isShared: spec.detach,
    leaveOnSignal: spec.detach,
    failureOf(code) {
      const failure = watched.failureOf(code, spec.body(name));
      if (!failure && watched.rest) context.terminal[spec.tty ? "stdout" : "stderr"].write(watched.rest);
      return failure;
    },
    async start() {
      // Between two turns what has come is read: a connection that was cut just after it stood is noticed.
      await turn();
      await turn();
      if (connection.isEnded) throw outputCut();
      await start(context, spec, prepared);
      if (spec.detach) report({ type: "detached", name });
    },
    async onLeave() {
      prepared.leave();
      if (!spec.detach) await disown(engine, report, container);
    },
    onFailure: prepared.discard,
    ...(onSignal && { onSignal }),
  });
  if (afterwards) return await afterwards(prepared, attending);
  if (spec.fetches.length === 0) return await attending;
  return await fetchAfterwards(context, spec, prepared, attending);
}

/**
 * Also after a command that failed: its files may say why. Every fetch is tried, whatever becomes of those before it.
 * @throws the command's own failure, or that of the last fetch that failed; the others are reported.
 */
async function fetchAfterwards(
  { engine, report, cwd }: SessionContext,
  { fetches, force }: OneoffSpec,
  prepared: Prepared,
  attending: Promise<number>,
): Promise<number> {
  const [ended] = await Promise.allSettled([attending]);
  const isOver = !prepared.isLeft && !(ended.status === "rejected" && isEngineLost(ended.reason));
  // By message: an engine that is gone is reported once.
  const failures = new Map<string, Error>();
  for (const fetch of isOver ? fetches : []) {
    try {
      await fetchTree({ engine, report }, prepared.container, fetch, { cwd, force });
    } catch (error) {
      failures.set((error as Error).message, error as Error);
    }
  }
  const last = ended.status === "fulfilled" && ended.value === 0 ? [...failures.values()].at(-1) : undefined;
  for (const failure of failures.values()) if (failure !== last) report(notCopied(linesOf(failure)));
  if (last) throw last;
  return await attending;
}

/**
 * Creates and starts, and leaves.
 * @returns the container's id, once the engine has acknowledged the start; undefined when there is nothing to do because
 * somebody else has the lock.
 */
export async function runDetached(context: SessionContext, spec: OneoffSpec): Promise<string | undefined> {
  using signals = new SignalForwarder(context);
  const running = runSpec(context, spec, (spec) => detached(context, spec, signals));
  return await Promise.race([running, signals.abandoned]);
}

async function detached(context: SessionContext, spec: OneoffSpec, signals: SignalForwarder) {
  const { engine, report } = context;
  await using prepared = await prepare({ ...context, signals }, spec);
  if (!prepared) return undefined;
  const { id, name } = prepared.container;
  await joinNetworks(engine, id, spec.moreNetworks);
  signals.check();
  await start(context, spec, prepared);
  prepared.leave();
  report({ type: "detached", name });
  return id;
}

async function joinNetworks(engine: Transport, id: string, networks: readonly NetworkJoin[]): Promise<void> {
  await Promise.all(
    networks.map(({ network, links: Links }) => connectNetwork(engine, network, id, Links.length > 0 ? { Links } : {})),
  );
}

function recordFailure({ journal }: SessionContext, spec: OneoffSpec, { container }: Prepared): void {
  const record = recordOf(journal, { ...container, app: spec.app });
  record.starting(spec);
  record.exited(undefined);
}

async function start(
  { engine, journal, onStart }: SessionContext,
  spec: OneoffSpec,
  { container, started }: Prepared,
): Promise<void> {
  const record = recordOf(journal, { ...container, app: spec.app });
  record.starting(spec);
  try {
    await startContainer(engine, container.id);
  } catch (error) {
    const lacksInit = spec.init !== "none" && (await isInitMissing(engine, error));
    record.exited(undefined, { replaced: lacksInit && spec.init === "default" });
    throw lacksInit ? error : startRefusal(error, spec.command[0]);
  }
  record.up();
  started();
  onStart?.();
}
