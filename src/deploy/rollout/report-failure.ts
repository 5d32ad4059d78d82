import { isRefusal } from "../../errors/engine.ts";
import { because, warning } from "../../errors/error.ts";
import type { HealthContext } from "./health.ts";
import type { RunningProcess } from "./running-processes.ts";

/** Awaits a step of a roll back. A failure is only a warning, because the error that caused the roll back is the one to throw. */
export async function reportFailure(
  { report }: Pick<HealthContext, "report">,
  { app, name }: Pick<RunningProcess, "app" | "name">,
  what: string,
  work: Promise<void>,
): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (isRefusal(error, 404)) return;
    report(warning(because(`${name} of ${app} could not be ${what}`, error)));
  }
}
