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
import { processEnded, processUnhealthy } from "../../errors/processes.ts";
import type { Report } from "../../output/events.ts";
import { FrameParser } from "../../streams/frames.ts";
import { type CheckTarget, runCheck } from "./checks.ts";
import { checkName, type HealthPlan } from "./health-plan.ts";

export interface HealthContext {
  readonly engine: Transport;
  readonly report: Report;
  /** Stops the wait; its reason is thrown. */
  readonly signal: AbortSignal;
}

export interface StartedProcess {
  /** Container ID. */
  readonly id: string;
  readonly app: string;
  /** `web.1` */
  readonly name: string;
  /** The value of `PORT`. */
  readonly port: number;
  /** Resolves at the first exit, also if the engine restarts the container. */
  readonly exit: Promise<{ readonly StatusCode: number }>;
  /** Its type in the Procfile; undefined if it runs the command of the image. */
  readonly type: string | undefined;
  /** A tag that the image keeps if the release fails; undefined if the release is live. */
  readonly failedImage: string | undefined;
}

const POLL_INTERVAL_MS = 200;

/** Docker's default for a HEALTHCHECK. */
const DEFAULT_INTERVAL_NS = 30e9;

/**
 * Waits until a process is healthy.
 * @param decide selects the plan once the container is inspected.
 * @throws OneoffError with the last lines of the log; immediately if the process exits or is restarted.
 */
export async function waitForHealth(
  context: HealthContext,
  started: StartedProcess,
  decide: (details: ContainerDetails) => HealthPlan,
): Promise<void> {
  const { engine, signal } = context;
  const finished = new AbortController();
  const waiting = { ...context, signal: AbortSignal.any([signal, finished.signal]) };
  const fail = async (error: (lines: readonly string[]) => Error): Promise<never> => {
    throw error(await readLastLines(engine, started.id));
  };
  const exited = started.exit.then(async ({ StatusCode }) => {
    const code = await readExitCode(engine, started.id, StatusCode);
    const command = await rerunCommand(engine, started);
    return await fail((lines) => processEnded(started.app, started.name, code, lines, command));
  });
  exited.catch(() => {});
  const healthy = (async () => {
    const details = await inspectContainer(engine, started.id);
    const reason = await findFailure(waiting, started, details, decide(details));
    if (reason !== undefined) await fail((lines) => processUnhealthy(started.app, started.name, reason, lines));
    // A busy engine reports an exit late.
    const { State, RestartCount = 0 } = await inspectContainer(engine, started.id);
    if (State.Status !== "running" || RestartCount > 0) await exited;
  })().catch(async (error: unknown) => {
    // A process that exited cannot be checked; its exit explains more than the refusal.
    if (isRefusal(error, 404, 409)) await exited;
    throw error;
  });
  healthy.catch(() => {});
  try {
    await Promise.race([healthy, exited]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    finished.abort();
  }
}

/** The command that runs the process as a one-off, to find out why it failed. */
async function rerunCommand(engine: Transport, { id, app, type, failedImage }: StartedProcess): Promise<string> {
  const image = failedImage === undefined ? "" : ` --image ${failedImage}`;
  const args = type ?? (await ownCommand(engine, id));
  return `oneoff run${image} ${app}${args && ` ${args}`}`;
}

async function ownCommand(engine: Transport, id: string): Promise<string> {
  // Only part of a hint, which is complete without it.
  const details = await inspectContainer(engine, id).catch(() => undefined);
  return maskCommand([...(details?.Config.Cmd ?? [])]);
}

/** An engine that has already restarted the container reports 0 for every exit code. */
async function readExitCode(engine: Transport, id: string, reported: number): Promise<number | undefined> {
  if (reported !== 0) return reported;
  const details = await inspectContainer(engine, id).catch(() => undefined);
  if (!details || (details.State.Status === "exited" && !details.RestartCount)) return reported;
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
      const target = { id: started.id, port: started.port, endpoint, launcher: launcherOf({ labels, env }) };
      const results = plan.checks.map((check) => runHealthcheck(context, started, target, check));
      return (await Promise.all(results)).find((reason) => reason !== undefined);
    }
  }
}

async function waitForImageCheck(
  { engine, signal }: HealthContext,
  { id }: StartedProcess,
  { Config }: ContainerDetails,
) {
  const { checksHealth } = engine.quirks;
  const interval = timerMs((Config.Healthcheck?.Interval || DEFAULT_INTERVAL_NS) / 1e9);
  for (;;) {
    if (!checksHealth) await checkHealth(engine, id);
    const { Health } = (await inspectContainer(engine, id)).State;
    if (Health?.Status === "healthy") return undefined;
    if (Health?.Status === "unhealthy") {
      const output = Health.Log?.at(-1)?.Output.trim();
      return `the image's HEALTHCHECK failed${output ? `: ${output}` : ""}`;
    }
    await pause(checksHealth ? POLL_INTERVAL_MS : interval, undefined, { signal });
  }
}

async function runHealthcheck(
  context: HealthContext,
  { name, app }: StartedProcess,
  target: CheckTarget,
  check: Healthcheck,
) {
  const { report, signal } = context;
  await pause(check.initialDelay * 1000, undefined, { signal });
  if (check.uptime !== undefined) await pause(check.uptime * 1000, undefined, { signal });
  let reason: string | undefined;
  for (let tries = 1; tries <= check.attempts; tries += 1) {
    reason = await runCheck(context, target, check);
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

/** The last lines of stdout and stderr; empty if the log cannot be read, because they only explain an error. */
async function readLastLines(engine: Transport, id: string): Promise<string[]> {
  const chunks: Buffer[] = [];
  // Copied because the parser reuses its buffer.
  const frames = new FrameParser((_channel, payload) => void chunks.push(Buffer.from(payload)));
  try {
    using log = await openLogs(engine, id, { tail: MAX_LOG_LINES });
    await log.read((chunk) => {
      frames.push(chunk);
      return true;
    });
  } catch {
    return [];
  }
  const text = Buffer.concat(chunks).toString();
  return text.split("\n").filter((line) => line.trim() !== "");
}
