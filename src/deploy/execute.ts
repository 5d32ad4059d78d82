import type { Report } from "../output/events.ts";
import { maskStepCommand, type Step, type StepName } from "./plan.ts";

/** What each step does: of what there was before it, it makes what there is after it. */
export type Actions<State> = Readonly<Record<StepName, (state: State, step: Step) => Promise<State>>>;

export interface ExecuteContext {
  readonly report: Report;
  /** In seconds from any moment on, by a clock that nobody sets. */
  readonly monotonic: () => number;
  /** When it is aborted nothing more is begun; what it is aborted with is thrown. */
  readonly signal: AbortSignal;
}

/** Walks a plan to its end, or to the first step that fails, and tells of each step. @throws what the step throws. */
export async function execute<State>(
  { report, monotonic, signal }: ExecuteContext,
  plan: readonly Step[],
  actions: Actions<State>,
  state: State,
): Promise<State> {
  for (const step of plan) {
    const { name, skipped } = step;
    if (skipped !== undefined) {
      report({ type: "step-skipped", step: name, reason: skipped });
      continue;
    }
    signal.throwIfAborted();
    const before = state;
    state = await runTimedStep({ report, monotonic }, name, maskStepCommand(step), () => actions[name](before, step));
  }
  return state;
}

/** Does one step, and tells of it and of its time. @throws what the step throws. */
export async function runTimedStep<T>(
  { report, monotonic }: Pick<ExecuteContext, "report" | "monotonic">,
  step: string,
  command: string | undefined,
  act: () => Promise<T>,
): Promise<T> {
  const begun = monotonic();
  report({ type: "step-started", step, command });
  let result: T;
  try {
    result = await act();
  } catch (error) {
    report({ type: "step-failed", step, seconds: monotonic() - begun });
    throw error;
  }
  report({ type: "step-done", step, seconds: monotonic() - begun });
  return result;
}
