/** The steps of a deploy in order. Before `schedule` no running process and no tag changes. */
export const STEPS = ["build", "predeploy", "release", "schedule", "postdeploy", "first-postdeploy"] as const;

export type StepName = (typeof STEPS)[number];

/** A step that is one command, run as a one-off. */
export type Phase = Exclude<StepName, "build" | "schedule">;

export const PHASES: readonly Phase[] = STEPS.filter((step) => step !== "build" && step !== "schedule");
