import { killContainer, stopContainer } from "../../engine/containers.ts";
import { inspectImage } from "../../engine/images.ts";
import { phaseFailed, phaseInterrupted, phaseLost, phaseNotStarted, phaseTimedOut } from "../../errors/deploy.ts";
import { OneoffError } from "../../errors/error.ts";
import { isEngineLost, isNotStarted, isTimedOut } from "../../errors/session.ts";
import type { Journal } from "../../oneoff/journal/journal.ts";
import type { PreparedOneoff } from "../../oneoff/session/prepare.ts";
import { runAttached, type SessionContext } from "../../oneoff/session/run.ts";
import { DEFAULT_STOP_TIMEOUT_S, exitCodeOf, FATAL_SIGNALS } from "../../terminal/signals.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { PhaseOutput } from "./phase-output.ts";
import { type PhaseRequest, phaseSpec } from "./phase-spec.ts";
import { commitChanges } from "./predeploy-image.ts";

export type PhaseContext = Pick<SessionContext, "engine" | "terminal" | "report" | "random" | "owner">;

/** The journal is of what people run. */
const NO_JOURNAL: Journal = { append: () => {}, read: () => [], follow: () => () => [] };

/**
 * Runs a phase in a fresh container of the image, which is removed when the phase has succeeded, and kept when it has not.
 * A signal that ends a program stops it; one more kills it; the container is removed then.
 * @returns of predeploy, the image with what it has changed.
 * @throws PhaseFailed; OneoffError with exit code 128+n after a signal.
 */
export async function runPhase(
  context: PhaseContext,
  request: PhaseRequest & { readonly image: string },
): Promise<{ readonly imageId?: string }> {
  const { engine, report, owner } = context;
  const { phase, app } = request;
  const image = await inspectImage(engine, request.image);
  const spec = phaseSpec(request, image, { owner: owner.self });
  const output = new PhaseOutput((stream, text) => report({ type: "phase-output", phase, stream, text }));
  const command = spec.shownCommand;
  let running: { readonly id: string; readonly name: string } | undefined;
  let signalled: NodeJS.Signals | undefined;
  let imageId: string | undefined;

  const onSignal = (signal: NodeJS.Signals) => {
    if (!FATAL_SIGNALS.has(signal) || !running) return false;
    const { id, name } = running;
    // It may have ended at this very moment: that is what is waited for.
    const asked = signalled ? killContainer(engine, id, "SIGKILL") : stopContainer(engine, id, DEFAULT_STOP_TIMEOUT_S);
    asked.catch(() => {});
    if (!signalled) report({ type: "stopping", name, reason: "interrupt", stopTimeout: DEFAULT_STOP_TIMEOUT_S });
    signalled ??= signal;
    return true;
  };
  const checkSignal = () => {
    if (signalled) throw phaseInterrupted(phase, app.name, signalled, exitCodeOf(signalled));
  };

  const afterStart = async (prepared: PreparedOneoff, exitCode: Promise<number>) => {
    running = prepared.container;
    const container = prepared.container.containerName;
    const [ended] = await Promise.allSettled([exitCode]);
    output.end();
    checkSignal();
    const facts = { phase, command, container, output: output.last };
    if (ended.status === "rejected") {
      const error: unknown = ended.reason;
      if (!(error instanceof OneoffError)) throw error;
      if (!isTimedOut(error) && !isEngineLost(error)) throw error;
      prepared.markLeft();
      if (isEngineLost(error)) throw phaseLost(phase, app.name, container, error);
      throw phaseTimedOut(facts, app.name, spec.timeout ?? 0, error);
    }
    if (ended.value !== 0) {
      prepared.markLeft();
      throw phaseFailed({ ...facts, exitCode: ended.value }, app.name);
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
  };
  try {
    await runAttached(session, spec, { onSignal, afterStart: afterStart });
  } catch (error) {
    throw isNotStarted(error) ? phaseNotStarted(phase, app.name, command, error) : error;
  }
  checkSignal();
  return imageId === undefined ? {} : { imageId };
}

/** Our terminal as a phase has it: it is heard, and nothing is read from it. */
function redirectTerminal(terminal: Terminal, { stdout, stderr }: PhaseOutput): Terminal {
  return Object.create(terminal, {
    input: { value: "empty" },
    outputIsTerminal: { value: false },
    size: { value: () => undefined },
    stdout: { value: stdout },
    stderr: { value: stderr },
  }) as Terminal;
}
