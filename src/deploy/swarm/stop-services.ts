import { setTimeout as pause } from "node:timers/promises";
import { removeImage } from "../../engine/image-tags.ts";
import type { Service } from "../../engine/swarm/service-types.ts";
import { removeService } from "../../engine/swarm/services.ts";
import type { Task } from "../../engine/swarm/task-types.ts";
import { listTasks } from "../../engine/swarm/tasks.ts";
import type { Transport } from "../../engine/transport.ts";
import { isRefusal } from "../../errors/engine.ts";
import { warning } from "../../errors/error.ts";
import { noSuchType } from "../../errors/processes.ts";
import { tasksStillRun } from "../../errors/swarm-deploy.ts";
import { removeSwarmRelease } from "../../release/swarm-releases.ts";
import { failedSwarmTag } from "../../release/tags.ts";
import { updateAndFollow } from "./change-service.ts";
import type { FollowContext } from "./follow-service.ts";
import type { PublishNode } from "./publication.ts";
import { loadedNames } from "./remove-images.ts";
import { replicasOf, typeOfService } from "./service-changes.ts";
import type { SwarmApp } from "./swarm-app.ts";
import { removeSwarmScale } from "./swarm-scale.ts";

/** Stops the tasks of services but keeps the services, so that they can be started again. @param types all if empty. */
export async function stopServices(
  context: FollowContext,
  app: string,
  services: readonly Service[],
  types: readonly string[],
): Promise<void> {
  const known = services.map(({ Spec }) => typeOfService(Spec)).sort();
  const unknown = types.find((type) => !known.includes(type));
  if (unknown !== undefined) throw noSuchType(app, unknown, known);
  const selected = services.filter(
    ({ Spec }) => replicasOf(Spec) > 0 && (types.length === 0 || types.includes(typeOfService(Spec))),
  );
  if (selected.length === 0) context.report({ type: "none-found", resource: "processes", app, states: ["running"] });
  await Promise.all(selected.map((one) => stopService(context, app, one)));
}

const POLL_INTERVAL_MS = 200;
const SECOND = 1e9;

/** Beyond the grace period, until a manager knows that a task has ended. */
const MARGIN_S = 10;

/** The grace period of the engine. */
const DEFAULT_STOP_TIMEOUT_S = 10;

async function stopService(context: FollowContext, app: string, { ID, Spec }: Service): Promise<void> {
  const { engine, report, monotonic, signal } = context;
  const type = typeOfService(Spec);
  const grace = Spec.TaskTemplate.ContainerSpec?.StopGracePeriod;
  const stopTimeout = grace === undefined ? DEFAULT_STOP_TIMEOUT_S : grace / SECOND;
  const tasks = (await listTasks(engine, { service: [ID] })).filter(isActive);
  const nameOf = ({ Slot = 1 }: Task) => `${type}.${Slot}`;
  for (const task of tasks) report({ type: "process", app, name: nameOf(task), state: "stopping", stopTimeout });
  const spec = { ...Spec, Mode: { Replicated: { Replicas: 0 } } };
  await updateAndFollow({ ...context, auth: undefined }, ID, { app, type, spec, monitorS: 0, isChecked: true });
  const deadline = monotonic() + stopTimeout + MARGIN_S;
  const stopped = new Set<string>();
  for (;;) {
    const active = new Set((await listTasks(engine, { service: [ID] })).filter(isActive).map(({ ID }) => ID));
    for (const task of tasks) {
      if (active.has(task.ID) || stopped.has(task.ID)) continue;
      stopped.add(task.ID);
      report({ type: "process", app, name: nameOf(task), state: "stopped" });
    }
    if (active.size === 0) return;
    signal.throwIfAborted();
    // A node that is lost does not report that a task has ended.
    if (monotonic() > deadline) return report(warning(tasksStillRun(type, [...active])));
    await pause(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
}

const ACTIVE: ReadonlySet<string> = new Set(["assigned", "accepted", "preparing", "ready", "starting", "running"]);

const isActive = ({ Status }: Task) => ACTIVE.has(Status.State);

/**
 * Deletes an app from the Swarm: services, scale, releases and images. Keeps running one-offs.
 * @param nodes that images were loaded on.
 */
export async function destroySwarmApp(
  context: FollowContext,
  app: string,
  { services, releases }: Pick<SwarmApp, "services" | "releases">,
  nodes: readonly PublishNode[],
): Promise<void> {
  const { engine, report } = context;
  await Promise.all(
    services.map(async (one) => {
      if (replicasOf(one.Spec) > 0) await stopService(context, app, one);
      try {
        await removeService(engine, one.ID);
      } catch (error) {
        if (!isRefusal(error, 404)) throw error;
      }
      report({ type: "process", app, name: typeOfService(one.Spec), state: "removed" });
    }),
  );
  await removeSwarmScale(engine, app);
  await Promise.all([
    removeImages(context, engine, [...releases.flatMap(({ pushedAs }) => pushedAs ?? []), failedSwarmTag(app)], app),
    ...nodes.map((node) => removeImages(context, node.engine, [], app, ` on ${node.name}`)),
  ]);
  // The releases come last: while one is left, destroy can be repeated.
  for (const release of releases) await removeSwarmRelease(engine, release);
}

/** @param more names to remove besides loaded images. @param place for warnings. */
async function removeImages(
  context: FollowContext,
  engine: Transport,
  more: readonly string[],
  app: string,
  place = "",
): Promise<void> {
  for (const tag of [...more, ...(await loadedNames(engine, app))]) {
    if (!(await removeUnused(context, engine, tag))) context.report(warning(`${tag}${place} is in use and was kept`));
  }
}

/** Removes an image as soon as Swarm has removed the containers of the tasks. @returns false if it is still in use. */
async function removeUnused({ monotonic, signal }: FollowContext, engine: Transport, tag: string): Promise<boolean> {
  const deadline = monotonic() + MARGIN_S;
  while (!(await removeImage(engine, tag))) {
    signal.throwIfAborted();
    if (monotonic() > deadline) return false;
    await pause(POLL_INTERVAL_MS, undefined, { signal }).catch(() => {});
  }
  return true;
}
