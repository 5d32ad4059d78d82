import type { Event, Report, Summary, SummaryStep } from "../output/events.ts";

export interface StepTimes {
  readonly report: Report;
  /** The outcome of the deploy; undefined without one, and if no step was run. */
  summary(): Summary | undefined;
}

/** Forwards all events and collects a summary of the deploy. @param monotonic a monotonic clock in seconds. */
export function recordStepTimes(report: Report, monotonic: () => number): StepTimes {
  const startedAt = monotonic();
  const steps: SummaryStep[] = [];
  let liveRelease: number | undefined;
  let end: Extract<Event, { type: "deployed" | "unchanged" }> | undefined;
  return {
    report(event) {
      if (event.type === "step-done") steps.push({ step: event.step, outcome: "done", seconds: event.seconds });
      if (event.type === "step-failed") steps.push({ step: event.step, outcome: "failed", seconds: event.seconds });
      if (event.type === "step-skipped") steps.push({ step: event.step, outcome: "skipped", seconds: 0 });
      if (event.type === "deployed" || event.type === "unchanged") end = event;
      if (event.type === "deploy-failed") liveRelease = event.liveRelease;
      report(event);
    },
    summary() {
      const outcome = steps.some(({ outcome }) => outcome === "failed") ? "failed" : end?.type;
      if (!outcome || steps.length === 0) return undefined;
      return { outcome, release: end?.release ?? liveRelease, seconds: monotonic() - startedAt, steps };
    },
  };
}
