import { plain } from "../text/quoted.ts";
import { isRefusal } from "./engine.ts";

/** Whether an engine is a worker or in no Swarm. A manager without a leader answers 503, too. */
export const isNotManager = (error: unknown) => isRefusal(error, 503) && /not a swarm manager/i.test(error.reason);

/** A warning. @param managers addresses; empty if none is known. */
export const onlyOwnTasks = (managers: readonly string[]) => [
  "This engine is a worker: only its own tasks are listed",
  `  for all tasks, use the engine of a manager${managers.length === 0 ? "" : `: ${managers.map(plain).join(", ")}`}`,
];
