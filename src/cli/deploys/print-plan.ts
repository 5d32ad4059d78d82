import { maskStepCommand, type Step } from "../../deploy/plan.ts";
import type { PlannedStep } from "../../output/events.ts";
import { formatTable } from "../../output/table.ts";

/** A plan with secrets masked. */
export const planned = (plan: readonly Step[]): PlannedStep[] =>
  plan.map((step) => ({ step: step.name, command: maskStepCommand(step), skipReason: step.skipped }));

/** The steps of a deploy, one per line: the command or the reason for skipping it. */
export const printPlan = (plan: readonly PlannedStep[]): string =>
  formatTable(
    plan.map(({ step, command, skipReason }) => [
      step,
      skipReason === undefined ? (command ?? "") : `skipped: ${skipReason}`,
    ]),
  );
