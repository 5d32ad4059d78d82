import { setTimeout as pause } from "node:timers/promises";
import { launcherOf } from "../../app/buildpacks.ts";
import type { Healthcheck } from "../../app/healthchecks.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import { timerMs } from "../../app/units.ts";
import { checkHealth, inspectContainer } from "../../engine/containers.ts";
import { openLogs } from "../../engine/logs.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerDetails } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import { warning } from "../../errors/error.ts";
import { processEnded, processUnwell } from "../../errors/processes.ts";
import type { Report } from "../../output/events.ts";
import { FrameParser } from "../../streams/frames.ts";
import { type CheckTarget, runCheck } from "./checks.ts";
import { checkName, type HealthPlan } from "./health-plan.ts";

export interface HealthContext {
  readonly engine: Transport;
  readonly report: Report;
  /** Aborted when nobody waits any more; what it is aborted with is thrown. */
  readonly signal: AbortSignal;
}

/** A process that has been started. */
export interface StartedProcess {
  /** The container's. */
  readonly id: string;
  readonly app: string;
  /** `web.1` */
  readonly name: string;
  /** Its `PORT`. */
  readonly port: number;
  /** Resolves with its exit code when it first ends, also where the engine starts it again. */
  readonly exit: Promise<{ readonly StatusCode: number }>;
  /** What has the Procfile's command for it; undefined where it runs the image's own. */
  readonly type: string | undefined;
  /** A tag of its release that stays when it does not go live; undefined where that is live. */
  readonly failedImage: string | undefined;
}

/** How often the engine is asked for the state of its own check, in milliseconds. */
const POLL_INTERVAL_MS = 200;

/** Of a HEALTHCHECK that does not say, in nanoseconds. */
const DEFAULT_INTERVAL_NS = 30e9;

/**
 * Waits until a process is well.
 * @param decide how to tell, once it is known what the engine knows of it.
 * @throws OneoffError with its last lines, at once when it ends, or is started again.
 */
export async function waitForHealth(
  context: HealthContext,
  started: StartedProcess,
  decide: (details: ContainerDetails) => HealthPlan,
): Promise<void> {
  const { engine, signal } = context;
  const over = new AbortController();
  const waiting = { ...context, signal: AbortSignal.any([signal, over.signal]) };
  const fail = async (error: (lines: readonly string[]) => Error): Promise<never> => {
    throw error(await readLastLines(engine, started.id));
  };
  const ended = started.exit.then(async ({ StatusCode }) => {
    const code = await readExitCode(engine, started.id, StatusCode);
    const again = await rerunCommand(engine, started);
    return await fail((lines) => processEnded(started.app, started.name, code, lines, again));
  });
  ended.catch(() => {});
  const well = (async () => {
    const details = await inspectContainer(engine, started.id);
    const reason = await findFailure(waiting, started, details, decide(details));
    if (reason !== undefined) await fail((lines) => processUnwell(started.app, started.name, reason, lines));
    // A busy engine tells of an end late.
    const { State, RestartCount = 0 } = await inspectContainer(engine, started.id);
    if (State.Status !== "running" || RestartCount > 0) await ended;
  })().catch(async (error: unknown) => {
    // What cannot be asked since it has ended says why when its end is known.
    if (isRefusal(error, 404, 409)) await ended;
    throw error;
  });
  well.catch(() => {});
  try {
    await Promise.race([well, ended]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    over.abort();
  }
}

/** The command that runs in a one-off what a process ran. */
async function rerunCommand(engine: Transport, { id, app, type, failedImage }: StartedProcess): Promise<string> {
  const image = failedImage === undefined ? "" : ` --image ${failedImage}`;
  const words = type ?? (await ownCommand(engine, id));
  return `oneoff run${image} ${app}${words && ` ${words}`}`;
}

async function ownCommand(engine: Transport, id: string): Promise<string> {
  // It only completes a hint.
  const details = await inspectContainer(engine, id).catch(() => undefined);
  return maskCommand([...(details?.Config.Cmd ?? [])]);
}

/** @param told by an engine that may have started it again already, and tells of nothing then in place of its code. */
async function readExitCode(engine: Transport, id: string, told: number): Promise<number | undefined> {
  if (told !== 0) return told;
  const details = await inspectContainer(engine, id).catch(() => undefined);
  if (!details || (details.State.Status === "exited" && !details.RestartCount)) return told;
  return details.State.ExitCode || undefined;
}

async function findFailure(
  context: HealthContext,
  started: StartedProcess,
  details: ContainerDetails,
  plan: HealthPlan,
) {
  switch (plan.by) {
    case "uptime":
      await pause(plan.seconds * 1000, undefined, { signal: context.signal });
      return undefined;
    case "image":
      return waitForImageCheck(context, started, details);
    case "checks": {
      const [endpoint] = Object.values(details.NetworkSettings.Networks);
      const { Labels: labels, Env: env } = details.Config;
      const patient = { id: started.id, port: started.port, endpoint, launcher: launcherOf({ labels, env }) };
      const verdicts = plan.checks.map((check) => runHealthcheck(context, started, patient, check));
      return (await Promise.all(verdicts)).find((reason) => reason !== undefined);
    }
  }
}

async function waitForImageCheck(
  { engine, signal }: HealthContext,
  { id }: StartedProcess,
  { Config }: ContainerDetails,
) {
  const { checksHealth } = engine.dialect;
  const interval = timerMs((Config.Healthcheck?.Interval || DEFAULT_INTERVAL_NS) / 1e9);
  for (;;) {
    if (!checksHealth) await checkHealth(engine, id);
    const { Health } = (await inspectContainer(engine, id)).State;
    if (Health?.Status === "healthy") return undefined;
    if (Health?.Status === "unhealthy") {
      const said = Health.Log?.at(-1)?.Output.trim();
      return `the image's HEALTHCHECK fails${said ? `: ${said}` : ""}`;
    }
    await pause(checksHealth ? POLL_INTERVAL_MS : interval, undefined, { signal });
  }
}

async function runHealthcheck(
  context: HealthContext,
  { name, app }: StartedProcess,
  patient: CheckTarget,
  check: Healthcheck,
) {
  const { report, signal } = context;
  await pause(check.initialDelay * 1000, undefined, { signal });
  if (check.uptime !== undefined) await pause(check.uptime * 1000, undefined, { signal });
  let reason: string | undefined;
  for (let tries = 1; tries <= check.attempts; tries += 1) {
    reason = await runCheck(context, patient, check);
    if (reason === undefined) return undefined;
    report({ type: "process", app, name, state: "unhealthy", reason, attempt: tries, maxAttempts: check.attempts });
    if (tries < check.attempts) await pause(check.wait * 1000, undefined, { signal });
  }
  const problem = `${checkName(check)}: ${reason}`;
  if (!check.warn) return problem;
  report(warning(`${name} of ${app}: ${problem}`));
  return undefined;
}

const MAX_LOG_LINES = 20;

/** The last lines that a process has written, on either stream; none where they cannot be had: they only explain. */
export async function readLastLines(engine: Transport, id: string): Promise<string[]> {
  const written: Buffer[] = [];
  // The memory is used again for what comes next.
  const frames = new FrameParser((_channel, payload) => void written.push(Buffer.from(payload)));
  try {
    using log = await openLogs(engine, id, { tail: MAX_LOG_LINES });
    await log.read((chunk) => {
      frames.push(chunk);
      return true;
    });
  } catch {
    return [];
  }
  const text = Buffer.concat(written).toString();
  return text.split("\n").filter((line) => line.trim() !== "");
}
