import { setTimeout as pause } from "node:timers/promises";
import { timerMs } from "../../app/units.ts";
import { checkHealth, inspectContainer } from "../../engine/containers.ts";
import type { ContainerDetails } from "../../engine/types.ts";
import type { Report } from "../../output/events.ts";
import type { CheckContext } from "./exec-check.ts";
import { type CheckFailure, IMAGE_CHECK, lastLine } from "./health-plan.ts";
import { maskFailure } from "./response-lines.ts";

const POLL_INTERVAL_MS = 200;

/** Docker's defaults for a HEALTHCHECK. */
const DEFAULT_INTERVAL_NS = 30e9;
const DEFAULT_RETRIES = 3;

/** Waits for the result of the image's HEALTHCHECK, and reports each failure that brings it closer to unhealthy. */
export async function waitForImageCheck(
  { engine, report, signal }: CheckContext & { readonly report: Report },
  { id, app, name }: { readonly id: string; readonly app: string; readonly name: string },
  { Config: { Healthcheck } }: ContainerDetails,
  secrets: readonly string[],
): Promise<CheckFailure | undefined> {
  const { checksHealth } = engine.quirks;
  const interval = timerMs((Healthcheck?.Interval || DEFAULT_INTERVAL_NS) / 1e9);
  const maxAttempts = Healthcheck?.Retries || DEFAULT_RETRIES;
  let reported = 0;
  for (;;) {
    if (!checksHealth) await checkHealth(engine, id);
    const { Health } = (await inspectContainer(engine, id)).State;
    if (Health?.Status === "healthy") return undefined;
    const { FailingStreak: attempt = 0, Log, Status } = Health ?? {};
    const output = Log?.at(-1)?.Output.trim() ?? "";
    const failure = maskFailure(
      {
        reason: `the image's HEALTHCHECK failed${output && `: ${output}`}`,
        summary: lastLine(output).slice(2) || "failed",
      },
      secrets,
    );
    if (attempt > reported) {
      const { reason, summary = reason } = failure;
      const what = { check: IMAGE_CHECK, reason, summary, attempt, maxAttempts };
      report({ type: "process", app, name, state: "unhealthy", ...what });
      reported = attempt;
    }
    if (Status === "unhealthy") return failure;
    await pause(checksHealth ? POLL_INTERVAL_MS : interval, undefined, { signal });
  }
}
