import type { Event, Report, Summary, SummaryStep } from "../output/events.ts";

export interface StepTimes {
  readonly report: Report;
  /** What has come of a deploy's steps; undefined where they came to no end, or there were none. */
  summary(): Summary | undefined;
}

/** Passes on all that is reported, and keeps of it what a summary of a deploy says. @param monotonic in seconds, by a clock that nobody sets. */
export function recordStepTimes(report: Report, monotonic: () => number): StepTimes {
  const begun = monotonic();
  const steps: SummaryStep[] = [];
  let live: number | undefined;
  let end: Extract<Event, { type: "deployed" | "unchanged" }> | undefined;
  return {
    report(event) {
      if (event.type === "step-done") steps.push({ step: event.step, outcome: "done", seconds: event.seconds });
      if (event.type === "step-failed") steps.push({ step: event.step, outcome: "failed", seconds: event.seconds });
      if (event.type === "step-skipped") steps.push({ step: event.step, outcome: "skipped", seconds: 0 });
      if (event.type === "deployed" || event.type === "unchanged") end = event;
      if (event.type === "deploy-failed") live = event.liveRelease;
      report(event);
    },
    summary() {
      const outcome = steps.some(({ outcome }) => outcome === "failed") ? "failed" : end?.type;
      if (!outcome || steps.length === 0) return undefined;
      return { outcome, release: end?.release ?? live, seconds: monotonic() - begun, steps };
    },
  };
}
