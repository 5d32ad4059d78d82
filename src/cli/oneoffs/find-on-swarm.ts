import type { Transport } from "../../engine/transport.ts";
import { isNothingFound } from "../../errors/oneoff.ts";
import { noServiceToNarrow } from "../../errors/swarm-oneoffs.ts";
import type { RunningContainer } from "../../oneoff/lookup/find-running.ts";
import type { TaskChoice } from "../../oneoff/swarm/tasks/find-task.ts";
import type { Reached } from "../../oneoff/swarm/tasks/reach-task.ts";
import type { Options } from "../command.ts";
import type { Context } from "../context.ts";
import { nodeEngines } from "../node-engines.ts";
import type { ReportOptions } from "../reporting.ts";

/** Options that choose one of a service's tasks. */
export const taskOptions = {
  node: { type: "string", placeholder: "NAME", describe: "Choose the task on this node of a Swarm" },
  task: {
    type: "string",
    placeholder: "ID",
    describe: "Choose the task of a Swarm's service (an ID, or its beginning)",
  },
} as const satisfies Options;

interface Sought<T> {
  readonly word: string;
  readonly command: "exec" | "attach" | "cp";
  readonly choice: TaskChoice;
  /** Finds a container on the own engine. It is not called with a choice of a task. */
  findLocal(): Promise<T>;
}

/** A container with its engine. Dispose it to disconnect from the engine of another node. */
export interface Located<T> extends AsyncDisposable {
  readonly engine: Transport;
  readonly container: T | Reached["container"];
}

/**
 * Finds a container: on the own engine, and if nothing matches there, the task of a Swarm, on any node.
 * @throws OneoffError of the own engine if no task matches either
 */
export async function findOnSwarm<T extends RunningContainer>(
  context: Context,
  engine: Transport,
  flags: ReportOptions & { readonly config?: string | undefined },
  { word, command, choice, findLocal }: Sought<T>,
): Promise<Located<T>> {
  const option = choice.task === undefined ? choice.node && "--node" : "--task";
  let problem: unknown;
  if (option === undefined) {
    try {
      return { engine, container: await findLocal(), async [Symbol.asyncDispose]() {} };
    } catch (error) {
      if (!isNothingFound(error)) throw error;
      problem = error;
    }
  }
  const { findTask } = await import("../../oneoff/swarm/tasks/find-task.ts");
  const found = await findTask(engine, word, { ...choice, onlyOneoffs: command === "cp", exited: command !== "exec" });
  if (!found) throw problem ?? noServiceToNarrow(option ?? "", word);
  await using opened = new AsyncDisposableStack();
  const engines = opened.use(nodeEngines(context, flags.config, context.report(flags)));
  const { reachTask } = await import("../../oneoff/swarm/tasks/reach-task.ts");
  const reached = await reachTask(engine, found, command, (node) => engines.find(node));
  const kept = opened.move();
  return { ...reached, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
