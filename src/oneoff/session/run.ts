import { setImmediate as turn } from "node:timers/promises";
import { attachContainer, connectNetwork, resizeContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import { waitContainer } from "../../engine/wait.ts";
import { linesOf, notCopied } from "../../errors/error.ts";
import { outputCut } from "../../errors/io.ts";
import { isEngineLost } from "../../errors/session.ts";
import { endpointOf, type NetworkJoin } from "../spec/networks.ts";
import type { OneoffSpec } from "../spec/spec.ts";
import { markDetached } from "./container.ts";
import { runWithInitFallback } from "./init-fallback.ts";
import { filterExecFailure } from "./not-executed.ts";
import { type PrepareContext, type PreparedOneoff, prepareOneoff } from "./prepare.ts";
import { SignalForwarder } from "./signal-forwarder.ts";
import { attachFailure, type StartContext, startPrepared } from "./start-prepared.ts";
import { type SuperviseContext, type Supervised, supervise } from "./supervise.ts";

export interface SessionContext extends Omit<PrepareContext, "signals">, SuperviseContext, StartContext {
  /** Local relative paths are relative to this folder. */
  readonly cwd: string;
}

/** Hooks of a command that runs a one-off. */
export interface RunHooks extends Pick<Supervised, "onSignal"> {
  /**
   * Called when the one-off is supervised. Its container still exists when it has exited, unless the engine removes it.
   * @returns the result of the run.
   */
  afterStart?(prepared: PreparedOneoff, exitCode: Promise<number>): Promise<number>;
}

/**
 * Creates, attaches and waits before the start, so that neither output nor the exit can be missed. Ends when all output is
 * written and the exit code is known. The engine removes the container, even if oneoff is killed; oneoff removes one that
 * never started. A detached one-off is followed until a signal ends oneoff, not the command.
 * @returns as `supervise`; 0 if the lock is held and the one-off is skipped.
 * @throws OneoffError with exit code 126 or 127 if the command cannot be started, 128+n if a signal came first.
 */
export async function runAttached(context: SessionContext, spec: OneoffSpec, hooks: RunHooks = {}): Promise<number> {
  using signals = new SignalForwarder(context);
  const running = runWithInitFallback(context, spec, (spec) => startAttached(context, spec, signals, hooks));
  return await Promise.race([running, signals.abandoned]);
}

async function startAttached(
  context: SessionContext,
  spec: OneoffSpec,
  signals: SignalForwarder,
  { onSignal, afterStart }: RunHooks,
): Promise<number> {
  const { engine, report } = context;
  await using prepared = await prepareOneoff({ ...context, signals }, spec);
  if (!prepared) return 0;
  const { container } = prepared;
  const { id, name } = container;
  const wait = waitContainer(engine, id, "next-exit");
  // It is awaited below. If the attach fails first, it is not awaited.
  wait.catch(() => {});
  const joining = joinNetworks(engine, id, spec.moreNetworks);
  joining.catch(() => {});
  // Podman prepares the command on attach, and reports here what other engines report on start.
  using connection = await attachContainer(engine, id, { stdin: spec.stdin, tty: spec.tty }).catch(async (error) => {
    throw await attachFailure(context, spec, prepared, error);
  });
  const { exit } = await wait;
  await joining;
  const size = spec.tty && engine.quirks.resizesAfterAttach ? context.terminal.size() : undefined;
  // A failed resize does not end a session.
  if (size) await resizeContainer(engine, id, size).catch(() => {});
  signals.check();
  if (spec.tty && spec.stdin) report({ type: "running", app: spec.app, name });
  const filtered = filterExecFailure(connection, spec.tty);
  const exitCode = supervise(context, signals, {
    ...spec,
    container,
    output: { ...filtered.output, [Symbol.dispose]: () => connection[Symbol.dispose]() },
    input: spec.stdin ? connection : undefined,
    exit,
    isShared: spec.detach,
    leaveOnSignal: spec.detach,
    failureOf(code) {
      const failure = filtered.failureOf(code, spec.body(name));
      if (!failure && filtered.rest) context.terminal[spec.tty ? "stdout" : "stderr"].write(filtered.rest);
      return failure;
    },
    async start() {
      // Two turns of the event loop read pending data, which reveals a connection that was cut right after the attach.
      await turn();
      await turn();
      if (connection.isEnded) throw outputCut();
      const { stdout } = context.terminal;
      // Without this, the ports would be printed after the prompt of the command.
      if (spec.ports) stdout.cork();
      try {
        await startPrepared(context, spec, prepared);
      } finally {
        if (spec.ports) stdout.uncork();
      }
      if (spec.detach) report({ type: "detached", name });
    },
    async onLeave() {
      prepared.markLeft();
      if (!spec.detach) await markDetached(engine, report, container);
    },
    onFailure: prepared.discard,
    ...(onSignal && { onSignal }),
  });
  if (afterStart) return await afterStart(prepared, exitCode);
  if (spec.fetches.length === 0) return await exitCode;
  return await fetchAfterExit(context, spec, prepared, exitCode);
}

/**
 * Fetches files even after a failed command: they may explain the failure. A failed fetch does not stop the next one.
 * @throws the failure of the command, or of the last failed fetch; other failures are reported.
 */
async function fetchAfterExit(
  { engine, report, cwd }: SessionContext,
  { fetches, force }: OneoffSpec,
  prepared: PreparedOneoff,
  exitCode: Promise<number>,
): Promise<number> {
  const [ended] = await Promise.allSettled([exitCode]);
  const isOver = !prepared.isLeft && !(ended.status === "rejected" && isEngineLost(ended.reason));
  // By message, so that a lost engine is reported once.
  const failures = new Map<string, Error>();
  for (const fetch of isOver ? fetches : []) {
    try {
      const { fetchTree } = await import("../files/download.ts");
      await fetchTree({ engine, report }, prepared.container, fetch, { cwd, force });
    } catch (error) {
      failures.set((error as Error).message, error as Error);
    }
  }
  const last = ended.status === "fulfilled" && ended.value === 0 ? [...failures.values()].at(-1) : undefined;
  for (const failure of failures.values()) if (failure !== last) report(notCopied(linesOf(failure)));
  if (last) throw last;
  return await exitCode;
}

/**
 * Creates and starts a one-off in the background.
 * @returns the container id once the engine has acknowledged the start; undefined if the lock is held and it is skipped.
 */
export async function runDetached(context: SessionContext, spec: OneoffSpec): Promise<string | undefined> {
  using signals = new SignalForwarder(context);
  const running = runWithInitFallback(context, spec, (spec) => startDetached(context, spec, signals));
  return await Promise.race([running, signals.abandoned]);
}

async function startDetached(context: SessionContext, spec: OneoffSpec, signals: SignalForwarder) {
  const { engine, report } = context;
  await using prepared = await prepareOneoff({ ...context, signals }, spec);
  if (!prepared) return undefined;
  const { id, name } = prepared.container;
  await joinNetworks(engine, id, spec.moreNetworks);
  signals.check();
  await startPrepared(context, spec, prepared);
  prepared.markLeft();
  report({ type: "detached", name });
  return id;
}

async function joinNetworks(engine: Transport, id: string, networks: readonly NetworkJoin[]): Promise<void> {
  await Promise.all(networks.map((join) => connectNetwork(engine, join.network, id, endpointOf(join))));
}
