import { hostname } from "node:os";
import { type DeployLock, lockDeploys } from "../../deploy/deploy-lock.ts";
import type { DeployContext } from "../../deploy/deploy-steps.ts";
import { recordStepTimes } from "../../deploy/step-times.ts";
import { lockSwarmDeploys } from "../../deploy/swarm/swarm-lock.ts";
import type { EndpointOptions } from "../../engine/endpoint/endpoint-chain.ts";
import { deployEnded } from "../../errors/deploy.ts";
import { userName } from "../../host/user-name.ts";
import { exitCodeOf, FATAL_SIGNALS } from "../../terminal/signals.ts";
import type { Context } from "../context.ts";
import type { ReportOptions } from "../reporting.ts";

export interface DeploySession extends AsyncDisposable, DeployContext {
  /** Locks the app against other deploys until disposed. */
  lock(wait: boolean): Promise<DeployLock>;
  /** The same in the whole Swarm. */
  lockInSwarm(wait: boolean): Promise<DeployLock>;
}

/** The environment of a deploy: an engine, and a signal to cancel it. */
export function openDeploySession(
  context: Context,
  app: string,
  flags: EndpointOptions & ReportOptions,
): DeploySession {
  const { terminal, owner, random, credentials, cache } = context;
  const over = new AbortController();
  const interrupted = Promise.withResolvers<never>();
  interrupted.promise.catch(() => {});
  const signals = terminal.onSignal((signal) => {
    if (!FATAL_SIGNALS.has(signal)) return;
    const reason = deployEnded(app, signal, exitCodeOf(signal));
    over.abort(reason);
    interrupted.reject(reason);
  });
  const engine = context.openEngine(flags);
  const monotonic = () => context.monotonic() / 1000;
  const { report, summary } = recordStepTimes(context.report(flags), monotonic);
  const session = { engine, credentials, terminal, report, random, owner, monotonic, cache, signal: over.signal };
  return {
    ...session,
    lock: (wait) => lockDeploys({ ...session, interrupted: interrupted.promise }, app, wait ? "wait" : "fail"),
    lockInSwarm: (wait) => lockSwarmDeploys({ ...session, by: `${userName() ?? "?"}@${hostname()}` }, app, wait),
    async [Symbol.asyncDispose]() {
      const steps = summary();
      if (steps) report({ type: "summary", app, ...steps });
      signals[Symbol.dispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}
