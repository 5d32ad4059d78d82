import { type Step, shownCommand } from "../../deploy/plan.ts";
import { table } from "../../output/table.ts";

/** The steps of a deploy, one a line: what it does, or why it does nothing. */
export const printPlan = (plan: readonly Step[]): string =>
  table(
    plan.map((step) => [
      step.name,
      step.skipped === undefined ? (shownCommand(step) ?? "") : `skipped: ${step.skipped}`,
    ]),
  );
