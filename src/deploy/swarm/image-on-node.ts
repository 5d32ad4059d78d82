import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { uptime } from "../../engine/clock.ts";
import type { SwarmNode } from "../../engine/swarm/node-types.ts";
import { createService, removeService } from "../../engine/swarm/services.ts";
import { listTasks } from "../../engine/swarm/tasks.ts";
import type { Transport } from "../../engine/transport.ts";
import { LABEL } from "../../identity/labels.ts";
import { serviceName } from "../../identity/names.ts";
import { ownLabels } from "../../identity/ownership.ts";
import { oneTaskSpec } from "../../oneoff/swarm/one-task-spec.ts";
import { firstTask, isFinalState } from "../../oneoff/swarm/tasks/task-states.ts";

const TIMEOUT_S = 20;
const POLL_INTERVAL_MS = 50;

/** No image has it: a node that has the image creates a container, and starts no program. */
const NO_PROGRAM = "/oneoff/no-such-program";

/** Whether a node has an image, found out by a task because its engine cannot be reached. @param id of the image. */
export async function imageOnNode(engine: Transport, app: string, node: SwarmNode, id: string): Promise<boolean> {
  const name = serviceName(`${app}.image.${randomBytes(6).toString("hex")}`);
  const spec = oneTaskSpec(
    { Name: "", TaskTemplate: { ContainerSpec: { Image: id } } },
    {
      name,
      labels: ownLabels(name, { [LABEL.app]: app, [LABEL.kind]: "procfile" }),
      container: { Command: [NO_PROGRAM] },
      constraints: [`node.id==${node.ID}`],
      logDriver: { Name: "none" },
    },
  );
  const service = await createService(engine, spec);
  try {
    for (const deadline = uptime() + TIMEOUT_S; uptime() < deadline; ) {
      const task = firstTask(await listTasks(engine, { service: [service] }));
      if (task && isFinalState(task.Status.State)) return task.Status.State !== "rejected";
      await pause(POLL_INTERVAL_MS);
    }
    return false;
  } finally {
    await removeService(engine, service);
  }
}
