import { killContainer, stopContainer } from "../../engine/containers.ts";
import { inspectImage } from "../../engine/images.ts";
import { phaseFailed, phaseInterrupted, phaseLost, phaseNotStarted, phaseTimedOut } from "../../errors/deploy.ts";
import { OneoffError } from "../../errors/error.ts";
import { isEngineLost, isNotStarted, isTimedOut } from "../../errors/session.ts";
import type { Journal } from "../../oneoff/journal/journal.ts";
import type { PreparedOneoff } from "../../oneoff/session/prepare.ts";
import { runAttached, type SessionContext } from "../../oneoff/session/run.ts";
import type { Surroundings } from "../../oneoff/session/surroundings.ts";
import type { OneoffSpec } from "../../oneoff/spec/spec.ts";
import { DEFAULT_STOP_TIMEOUT_S, exitCodeOf, FATAL_SIGNALS } from "../../terminal/signals.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { PhaseOutput } from "./phase-output.ts";
import { type PhaseRequest, phaseSpec } from "./phase-spec.ts";
import { commitChanges } from "./predeploy-image.ts";

export type PhaseContext = Pick<SessionContext, "engine" | "terminal" | "report" | "random" | "owner">;

/** Completes the one-off of a phase with what its place brings. */
export type CompletePhase = (spec: OneoffSpec) => { readonly spec: OneoffSpec; readonly surroundings?: Surroundings };

/** Only one-offs of users are recorded in the journal. */
const NO_JOURNAL: Journal = { append: () => {}, read: () => [], follow: () => () => [] };

/**
 * Runs a phase in a new container of the image. The container is removed after success and kept after a failure. A
 * fatal signal stops it, a second one kills it; then the container is removed.
 * @returns after predeploy, the image with its changes.
 * @throws PhaseFailed; OneoffError with exit code 128+n after a signal.
 */
export async function runPhase(
  context: PhaseContext,
  request: PhaseRequest & { readonly image: string; readonly completePhase?: CompletePhase | undefined },
): Promise<{ readonly imageId?: string }> {
  const { engine, report, owner } = context;
  const { phase, app } = request;
  const image = await inspectImage(engine, request.image);
  const planned = phaseSpec(request, image, { owner: owner.self });
  const { spec, surroundings } = request.completePhase?.(planned) ?? { spec: planned };
  const output = new PhaseOutput((stream, text) => report({ type: "phase-output", phase, stream, text }));
  const command = spec.shownCommand;
  let running: { readonly id: string; readonly name: string } | undefined;
  let receivedSignal: NodeJS.Signals | undefined;
  let imageId: string | undefined;

  const onSignal = (signal: NodeJS.Signals) => {
    if (!FATAL_SIGNALS.has(signal) || !running) return false;
    const { id, name } = running;
    // Fails if the phase has just exited, which the session detects itself.
    const stopRequest = receivedSignal
      ? killContainer(engine, id, "SIGKILL")
      : stopContainer(engine, id, DEFAULT_STOP_TIMEOUT_S);
    stopRequest.catch(() => {});
    if (!receivedSignal) report({ type: "stopping", name, reason: "interrupt", stopTimeout: DEFAULT_STOP_TIMEOUT_S });
    receivedSignal ??= signal;
    return true;
  };
  const checkSignal = () => {
    if (receivedSignal) throw phaseInterrupted(phase, app.name, receivedSignal, exitCodeOf(receivedSignal));
  };

  const afterStart = async (prepared: PreparedOneoff, exitCode: Promise<number>) => {
    running = prepared.container;
    const container = prepared.container.containerName;
    const [result] = await Promise.allSettled([exitCode]);
    output.end();
    checkSignal();
    const facts = { phase, command, container, output: output.last };
    if (result.status === "rejected") {
      const error: unknown = result.reason;
      if (!(error instanceof OneoffError)) throw error;
      if (!isTimedOut(error) && !isEngineLost(error)) throw error;
      prepared.markLeft();
      if (isEngineLost(error)) throw phaseLost(phase, app.name, container, error);
      throw phaseTimedOut(facts, app.name, spec.timeout ?? 0, error);
    }
    if (result.value !== 0) {
      prepared.markLeft();
      throw phaseFailed({ ...facts, exitCode: result.value }, app.name);
    }
    if (phase === "predeploy") imageId = await commitChanges(engine, prepared.container.id, image, app.name);
    return 0;
  };

  const session: SessionContext = {
    ...context,
    terminal: redirectTerminal(context.terminal, output),
    journal: NO_JOURNAL,
    pull: "never",
    detachKeys: Buffer.alloc(0),
    cwd: "/",
    surroundings,
  };
  try {
    await runAttached(session, spec, { onSignal, afterStart });
  } catch (error) {
    throw isNotStarted(error) ? phaseNotStarted(phase, app.name, command, error) : error;
  }
  checkSignal();
  return imageId === undefined ? {} : { imageId };
}

/** The terminal with its signals, but with empty stdin and redirected output. */
function redirectTerminal(terminal: Terminal, { stdout, stderr }: PhaseOutput): Terminal {
  return Object.create(terminal, {
    input: { value: "empty" },
    outputIsTerminal: { value: false },
    size: { value: () => undefined },
    stdout: { value: stdout },
    stderr: { value: stderr },
  }) as Terminal;
}
