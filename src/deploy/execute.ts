import type { Report } from "../output/events.ts";
import { maskStepCommand, type Step } from "./plan.ts";
import type { StepName } from "./step-names.ts";

/** The action of each step, from the state before the step to the state after it. */
export type Actions<State> = Readonly<Record<StepName, (state: State, step: Step) => Promise<State>>>;

export interface ExecuteContext {
  readonly report: Report;
  /** Monotonic clock in seconds. */
  readonly monotonic: () => number;
  /** Prevents further steps; its reason is thrown. */
  readonly signal: AbortSignal;
}

/** Runs the steps of a plan up to the first failure, and reports each step. @throws the error of the step. */
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

/** Runs one step, and reports it with its duration. @throws the error of the step. */
export async function runTimedStep<T>(
  { report, monotonic }: Pick<ExecuteContext, "report" | "monotonic">,
  step: string,
  command: string | undefined,
  run: () => Promise<T>,
): Promise<T> {
  const startedAt = monotonic();
  report({ type: "step-started", step, command });
  let result: T;
  try {
    result = await run();
  } catch (error) {
    report({ type: "step-failed", step, seconds: monotonic() - startedAt });
    throw error;
  }
  report({ type: "step-done", step, seconds: monotonic() - startedAt });
  return result;
}
