import type { Report } from "../output/events.ts";
import { type Step, type StepName, shownCommand } from "./plan.ts";

/** What each step does: of what there was before it, it makes what there is after it. */
export type Actions<State> = Readonly<Record<StepName, (state: State, step: Step) => Promise<State>>>;

export interface ExecuteContext {
  readonly report: Report;
  /** In seconds since 1970. */
  readonly now: () => number;
  /** When it is aborted nothing more is begun; what it is aborted with is thrown. */
  readonly signal: AbortSignal;
}

/** Walks a plan to its end, or to the first step that fails, and tells of each step. @throws what the step throws. */
export async function execute<State>(
  { report, now, signal }: ExecuteContext,
  plan: readonly Step[],
  actions: Actions<State>,
  state: State,
): Promise<State> {
  for (const step of plan) {
    const { name, skipped } = step;
    if (skipped !== undefined) {
      report({ type: "step-skipped", step: name, why: skipped });
      continue;
    }
    signal.throwIfAborted();
    const begun = now();
    report({ type: "step-started", step: name, command: shownCommand(step) });
    try {
      state = await actions[name](state, step);
    } catch (error) {
      report({ type: "step-failed", step: name, seconds: now() - begun });
      throw error;
    }
    report({ type: "step-done", step: name, seconds: now() - begun });
  }
  return state;
}
