import type { Schedule } from "./schedule.ts";

/** A schedule in English: `At 05:05`. Loads the library when it is needed. */
export async function scheduleInWords({ expression, needsBothDays }: Schedule): Promise<string> {
  const { default: cronstrue } = await import("cronstrue");
  return cronstrue.toString(expression, { use24HourTimeFormat: true, logicalAndDayFields: needsBothDays });
}
