import { plain } from "../text/quoted.ts";
import { type EngineRefused, isRefusal } from "./engine.ts";
import { OneoffError } from "./error.ts";

/** Whether an engine is a worker or in no Swarm. A manager without a leader answers 503, too. */
export const isNotManager = (error: unknown): error is EngineRefused =>
  isRefusal(error, 503) && /not a swarm manager/i.test(error.reason);

/** Whether a proxy denies a request that engines accept. */
export const isDenied = (error: unknown) =>
  isRefusal(error, 403, 404, 405) ||
  (error instanceof OneoffError && ["proxy-refused", "not-an-engine"].includes(error.code));

/** A warning. @param managers addresses; empty if none is known. */
export const onlyOwnTasks = (managers: readonly string[]) => [
  "This engine is a worker: only its own tasks are listed",
  `  for all tasks, use the engine of a manager${managers.length === 0 ? "" : `: ${managers.map(plain).join(", ")}`}`,
];

/** @param name `shop_web.2` @param node its host name. @param reason `down`, `late`, or what the manager has reported. */
export const taskLogMissing = (name: string, node: string, reason: string) => {
  const causes: Readonly<Record<string, string>> = {
    down: `node ${plain(node)} is down`,
    late: `node ${plain(node)} does not respond`,
  };
  return `The log of ${plain(name)} is incomplete: ${causes[reason] ?? `node ${plain(node)}: ${plain(reason)}`}`;
};
