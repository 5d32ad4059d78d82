import { isInitMissing } from "../../../engine/missing-init.ts";
import { HUB, serverOf } from "../../../engine/registry.ts";
import type { Transport } from "../../../engine/transport.ts";
import { engineRefused } from "../../../errors/engine.ts";
import {
  nodeDrained,
  noImageOnNode,
  serviceChanged,
  taskExitUnknown,
  taskLost,
  taskRejected,
  taskRemoved,
  taskStopped,
} from "../../../errors/swarm-task.ts";
import { exitCodeOf } from "../../../terminal/signals.ts";
import { toStartError } from "../../session/command-refusal.ts";
import type { OneoffSpec } from "../../spec/spec.ts";
import type { RegistryAccess } from "./create-task.ts";
import type { TaskResult } from "./watch-task.ts";

export interface EndFacts {
  /** `run.7364` */
  readonly name: string;
  readonly spec: Pick<OneoffSpec, "command" | "init">;
  readonly image: string;
  readonly access: RegistryAccess;
  /** Whether oneoff has stopped it. */
  readonly isStopped: boolean;
}

/** The name of the node of a task. */
export const nodeName = ({ task, node }: Pick<TaskResult, "task" | "node">): string =>
  node?.Description.Hostname ?? task?.NodeID ?? "unknown";

/** @returns the exit code of the command. @throws OneoffError if the command has none, or Swarm has stopped it. */
export async function exitCodeOfTask(engine: Transport, result: TaskResult, facts: EndFacts): Promise<number> {
  const { name, isStopped } = facts;
  const { stage } = result;
  const node = nodeName(result);
  switch (stage.stage) {
    case "exited":
      return stage.code;
    case "stopped": {
      const { code = exitCodeOf("SIGTERM") } = stage;
      if (isStopped) return code;
      const why = result.node?.Spec.Availability === "drain" ? nodeDrained(node) : serviceChanged();
      // A command that ends properly when it is stopped has not done its work.
      throw taskStopped(name, why, code === 0 ? exitCodeOf("SIGTERM") : code);
    }
    case "not-started":
      throw await toTaskStartError(engine, node, stage.reason, facts);
    case "unknown":
      throw taskExitUnknown(name, node, stage.reason);
    case "lost":
      throw taskLost(name, node);
    case "removed":
      throw taskRemoved(name);
  }
}

async function toTaskStartError(
  engine: Transport,
  node: string,
  reason: string,
  { name, spec, image, access }: EndFacts,
) {
  if (/^No such image: /.test(reason)) {
    const server = serverOf(image);
    return noImageOnNode(image, node, {
      ...{ hasCredentials: access.auth !== undefined, server: server === HUB ? undefined : server },
      ...(access.without && { without: access.without }),
    });
  }
  const refusal = engineRefused(500, reason, { method: "POST", path: "/services/create" });
  // It is created again without an init.
  if (spec.init !== "none" && (await isInitMissing(engine, refusal))) return refusal;
  const failure = toStartError(refusal, spec.command[0]);
  return failure === refusal ? taskRejected(name, node, reason) : failure;
}
