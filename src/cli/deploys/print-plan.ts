import { type Step, shownCommand } from "../../deploy/plan.ts";
import type { PlannedStep } from "../../output/events.ts";
import { table } from "../../output/table.ts";

/** A plan as it may be told. */
export const planned = (plan: readonly Step[]): PlannedStep[] =>
  plan.map((step) => ({ step: step.name, command: shownCommand(step), skipped: step.skipped }));

/** The steps of a deploy, one a line: what it does, or why it does nothing. */
export const printPlan = (plan: readonly PlannedStep[]): string =>
  table(
    plan.map(({ step, command, skipped }) => [step, skipped === undefined ? (command ?? "") : `skipped: ${skipped}`]),
  );
