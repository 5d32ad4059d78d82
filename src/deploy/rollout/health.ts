import { setTimeout as pause } from "node:timers/promises";
import { launcherOf } from "../../app/buildpacks.ts";
import type { Healthcheck } from "../../app/healthchecks.ts";
import { maskCommand } from "../../app/secrets/mask.ts";
import { inspectContainer } from "../../engine/containers.ts";
import type { Transport } from "../../engine/transport.ts";
import type { ContainerDetails } from "../../engine/types.ts";
import { isRefusal } from "../../errors/engine.ts";
import { warning } from "../../errors/error.ts";
import { processEnded, processUnhealthy } from "../../errors/processes.ts";
import type { Report } from "../../output/events.ts";
import { runCheck } from "./checks.ts";
import type { CheckTarget } from "./exec-check.ts";
import { type CheckFailure, checkName, describeCheck, describePlan, type HealthPlan } from "./health-plan.ts";
import { waitForImageCheck } from "./image-check.ts";
import { readLastLines } from "./last-output.ts";
import { maskFailure, responseLines, secretsOfEnv } from "./response-lines.ts";

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
    const plan = decide(details);
    const { app, name, port } = started;
    context.report({ type: "process", app, name, state: "waiting", ...describePlan(plan, port) });
    const failure = await findFailure(waiting, started, details, plan);
    if (failure) {
      const response = responseLines(failure.response ?? "");
      await fail((lines) => processUnhealthy(app, name, failure.reason, lines, response));
    }
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
): Promise<CheckFailure | undefined> {
  const { Labels: labels, Env: env } = details.Config;
  const secrets = secretsOfEnv(env);
  switch (plan.by) {
    case "uptime":
      await pause(plan.seconds * 1000, undefined, { signal: context.signal });
      return undefined;
    case "image":
      return waitForImageCheck(context, started, details, secrets);
    case "checks": {
      const [endpoint] = Object.values(details.NetworkSettings.Networks);
      const target = { id: started.id, port: started.port, endpoint, launcher: launcherOf({ labels, env }) };
      const results = plan.checks.map((check) => runHealthcheck(context, started, target, check, secrets));
      return (await Promise.all(results)).find((failure) => failure !== undefined);
    }
  }
}

async function runHealthcheck(
  context: HealthContext,
  { name, app }: StartedProcess,
  target: CheckTarget,
  check: Healthcheck,
  secrets: readonly string[],
) {
  const { report, signal } = context;
  await pause(check.initialDelay * 1000, undefined, { signal });
  if (check.uptime !== undefined) await pause(check.uptime * 1000, undefined, { signal });
  let failure: CheckFailure | undefined;
  for (let attempt = 1; attempt <= check.attempts; attempt += 1) {
    const found = await runCheck(context, target, check);
    if (found === undefined) return undefined;
    failure = maskFailure(found, secrets);
    const { reason, summary = reason } = failure;
    const attempts = { attempt, maxAttempts: check.attempts };
    const what = { check: describeCheck(check, target.port), reason, summary };
    report({ type: "process", app, name, state: "unhealthy", ...what, ...attempts });
    if (attempt < check.attempts) await pause(check.wait * 1000, undefined, { signal });
  }
  const problem = `${checkName(check)}: ${failure?.reason}`;
  if (!check.warn) return { ...failure, reason: problem };
  report(warning(`${name} of ${app}: ${problem}`));
  return undefined;
}
