import { maskPair } from "../../../app/env.ts";
import { warning } from "../../../errors/error.ts";
import { managerAway, taskNameTaken } from "../../../errors/swarm-task.ts";
import { candidateNames } from "../../../identity/names.ts";
import type { Terminal } from "../../../terminal/terminal.ts";
import type { ContainerCopy } from "../../apps/copy.ts";
import { ANY_NAME } from "../../docker/docker-command.ts";
import { openRecord } from "../../journal/journal.ts";
import type { LockContext } from "../../locks/lock.ts";
import { acquireSwarmLock } from "../../locks/swarm-lock.ts";
import { runWithInitFallback } from "../../session/init-fallback.ts";
import type { SessionContext } from "../../session/run.ts";
import { SignalForwarder } from "../../session/signal-forwarder.ts";
import type { OneoffSpec } from "../../spec/spec.ts";
import type { ServiceApp } from "../services/service-app.ts";
import { withServiceValues } from "../services/service-templates.ts";
import { awaitStart } from "./await-start.ts";
import { createOneTask, discardService, registryAccess } from "./create-task.ts";
import type { StartedTask } from "./started-task.ts";
import { superviseTask } from "./supervise-task.ts";
import { buildTaskBase, type TaskRequest, toTaskRequest } from "./task-base.ts";
import { checkTaskOptions } from "./task-options.ts";
import { taskSpec } from "./task-spec.ts";
import { refusePipedData } from "./task-stdin.ts";

type TaskContext = Pick<
  SessionContext,
  "engine" | "terminal" | "report" | "journal" | "credentials" | "random" | "onStart" | "detachKeys" | "owner"
>;

/** A one-off to run as a task of a service of one. */
export interface ServiceTask {
  readonly spec: OneoffSpec;
  readonly service: ServiceApp;
  /** The settings of the service, as a container would have them. */
  readonly copy: ContainerCopy;
  /** The image that replaces the service's. */
  readonly image: string | undefined;
  /** The ID of the only node where it may run. */
  readonly nodeId: string | undefined;
  readonly startTimeoutS: number;
  /** The change that gets further, where a service task cannot do what is requested. */
  readonly instead: string;
}

/** @throws OneoffError for what a service task cannot have. @param input the kind of stdin. */
export function checkServiceTask({ spec, copy, instead }: ServiceTask, input: Terminal["input"]): void {
  checkTaskOptions(spec, { asked: toTaskRequest(spec, ""), base: buildTaskBase(spec, copy), input }, instead);
}

/**
 * Runs a one-off on any node. Its output is complete before its exit code is returned.
 * @returns as `supervise`; 0 if the lock is held and the one-off is skipped.
 */
export async function runServiceTask(context: TaskContext, task: ServiceTask): Promise<number> {
  return (await startTask(context, task, superviseTask)) ?? 0;
}

/** Runs a one-off in the background. @returns the ID of its service when its command has started; undefined if skipped. */
export async function runDetachedTask(context: TaskContext, task: ServiceTask): Promise<string | undefined> {
  return await startTask(context, task, async (context, signals, started) => {
    await awaitStart(context, signals, started);
    return started.serviceId;
  });
}

async function startTask<T>(
  context: TaskContext,
  task: ServiceTask,
  follow: (context: TaskContext, signals: SignalForwarder, started: StartedTask) => Promise<T>,
): Promise<T | undefined> {
  const { spec, copy, instead } = task;
  const base = buildTaskBase(spec, copy);
  using _stdin = await refusePipedData(context, spec, instead);
  using signals = new SignalForwarder(context);
  const running = runWithInitFallback(context, spec, async (spec) => {
    await using started = await createTask({ ...context, interrupted: signals.interrupted }, { ...task, spec }, base);
    if (!started) return undefined;
    signals.check();
    openRecord(context.journal, { app: spec.app, name: started.name, id: started.serviceId }).starting(spec);
    context.onStart?.();
    return await follow(context, signals, started);
  });
  return await Promise.race([running, signals.abandoned]);
}

const requestOf = ({ spec, service, image, nodeId }: ServiceTask, base: TaskRequest, name: string) =>
  taskSpec(withServiceValues(service.service), toTaskRequest(spec, name), base, {
    image,
    nodeId,
    withInit: spec.init !== "none",
  });

/** The create request of a service task, without values of variables. */
export function describeServiceTask(task: ServiceTask) {
  const { spec, copy } = task;
  const { TaskTemplate, ...request } = requestOf(task, buildTaskBase(spec, copy), ANY_NAME);
  const { ContainerSpec } = TaskTemplate;
  const container = { ...ContainerSpec, Env: ContainerSpec?.Env?.map(maskPair) };
  return {
    ...{ app: spec.app, from: "swarm", way: "task", node: task.nodeId, name: request.Name },
    service: { ...request, TaskTemplate: { ...TaskTemplate, ContainerSpec: container } },
  };
}

/**
 * Creates the service under the first free name: names are unique in a Swarm.
 * @returns undefined if the lock is held and the one-off is to be skipped.
 */
async function createTask(
  context: TaskContext & LockContext,
  task: ServiceTask,
  base: TaskRequest,
): Promise<(StartedTask & AsyncDisposable) | undefined> {
  const { engine, report, credentials, random } = context;
  const { spec, startTimeoutS } = task;
  const { Image: image = "" } = requestOf(task, base, "").TaskTemplate.ContainerSpec ?? {};
  const access = await registryAccess(credentials, image);
  for (const name of candidateNames(random, spec.series)) {
    const body = requestOf(task, base, name);
    await using undo = new AsyncDisposableStack();
    if (spec.lock) {
      // The command starts with the service.
      const lock = await acquireSwarmLock(context, { ...spec.lock, holder: { name, app: spec.app } });
      if (!lock) return undefined;
      undo.use(lock);
    }
    const onRetry = () => report(warning(managerAway(name)));
    const serviceId = await createOneTask(engine, body, { auth: access.auth, onRetry });
    if (serviceId === undefined) {
      if (spec.containerName !== undefined) throw taskNameTaken(spec.containerName);
      continue;
    }
    let isLeft = false;
    const held = undo.move();
    const discard = () => discardService(engine, report, serviceId, body.Name);
    return {
      ...{ serviceId, name, spec, image, access, startTimeoutS, discard },
      markLeft() {
        isLeft = true;
      },
      async [Symbol.asyncDispose]() {
        if (isLeft) return;
        await discard();
        await held.disposeAsync();
      },
    };
  }
  throw new Error("unreachable: there is always another name");
}
