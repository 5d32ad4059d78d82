import { listNodes } from "../../engine/swarm/nodes.ts";
import { openServiceLogs } from "../../engine/swarm/service-logs.ts";
import { inspectTask } from "../../engine/swarm/tasks.ts";
import type { Transport } from "../../engine/transport.ts";
import type { FailedTask } from "../../errors/swarm-deploy.ts";
import { collectLines, MAX_LOG_LINES } from "../rollout/last-output.ts";

/** The log of a task on a node that cannot be reached never arrives. */
const LOG_TIMEOUT_MS = 5_000;

/** Why a task failed; undefined if Swarm has forgotten the task. */
export async function describeFailure(
  engine: Transport,
  type: string,
  id: string | undefined,
): Promise<FailedTask | undefined> {
  if (id === undefined) return undefined;
  try {
    const [task, nodes] = await Promise.all([inspectTask(engine, id), listNodes(engine)]);
    const { State: state, Err: reason = "", Message: message = "", ContainerStatus } = task.Status;
    return {
      name: `${type}.${task.Slot ?? 1}`,
      node: nodes.find(({ ID }) => ID === task.NodeID)?.Description.Hostname,
      state,
      reason: reason || message,
      exitCode: ContainerStatus?.ExitCode,
      lines: ContainerStatus?.ContainerID ? await lastLines(engine, id) : [],
    };
  } catch {
    // It only explains the failure.
    return undefined;
  }
}

const lastLines = (engine: Transport, id: string): Promise<string[]> =>
  collectLines(() => openServiceLogs(engine, `/tasks/${id}`, { tail: MAX_LOG_LINES }), LOG_TIMEOUT_MS);
