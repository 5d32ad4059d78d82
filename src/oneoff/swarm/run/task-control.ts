import { killContainer, stopContainer } from "../../../engine/containers.ts";
import { swarmMembership } from "../../../engine/swarm/nodes.ts";
import { removeService } from "../../../engine/swarm/services.ts";
import type { Transport } from "../../../engine/transport.ts";
import { isRefusal } from "../../../errors/engine.ts";
import { linesOf, warning } from "../../../errors/error.ts";
import { signalNotSent } from "../../../errors/swarm-task.ts";
import type { Event, Report } from "../../../output/events.ts";
import { DEFAULT_STOP_TIMEOUT_S, FATAL_SIGNALS } from "../../../terminal/signals.ts";
import { retryUntilManaged } from "../manager-retry.ts";
import { stopServiceTask } from "./stop-task.ts";
import { nodeName } from "./task-end.ts";
import type { TaskView } from "./watch-task.ts";

type StopReason = Extract<Event, { type: "stopping" }>["reason"];

interface ControlContext {
  readonly engine: Transport;
  readonly report: Report;
}

interface ControlTarget {
  readonly serviceId: string;
  readonly name: string;
  readonly stopTimeout: number | undefined;
}

/** Sends signals to a task and stops it: on the own node through the engine, elsewhere through Swarm. */
export class TaskControl {
  readonly #context: ControlContext;
  readonly #target: ControlTarget;
  /** The task as last seen. */
  view: TaskView | undefined;
  /** Whether oneoff has requested the stop. */
  isStopped = false;
  /** Whether oneoff has removed the service before a node had the task. */
  isWithdrawn = false;
  #ownNode: Promise<string | undefined> | undefined;
  /** Requests are sent one after another, so that signals arrive in order. */
  #lastRequest: Promise<void> = Promise.resolve();

  constructor(context: ControlContext, target: ControlTarget) {
    this.#context = context;
    this.#target = target;
  }

  /** Sends a signal. Swarm itself can only stop a task elsewhere, which a fatal signal does. */
  send(signal: NodeJS.Signals): void {
    this.#queue(async () => {
      const { engine, report } = this.#context;
      const container = await this.localContainer();
      if (container !== undefined) await killContainer(engine, container, signal);
      else if (signal === "SIGINT") await this.#reportedStop("interrupt");
      else if (FATAL_SIGNALS.has(signal)) await this.#stop();
      else if (this.view && signal !== "SIGCONT")
        report(warning(signalNotSent(signal, this.#target.name, nodeName(this.view))));
    });
  }

  /** Sends the stop signal, then SIGKILL after the stop timeout. */
  stop(reason: StopReason): void {
    this.#queue(() => this.#reportedStop(reason));
  }

  /** The container of the running task, if this engine has it. */
  async localContainer(): Promise<string | undefined> {
    const { task, stage } = this.view ?? {};
    const id = task?.Status.ContainerStatus?.ContainerID;
    if (!id || stage?.stage !== "running") return undefined;
    this.#ownNode ??= swarmMembership(this.#context.engine).then(({ nodeId }) => nodeId);
    return (await this.#ownNode) === task.NodeID ? id : undefined;
  }

  async #reportedStop(reason: StopReason): Promise<void> {
    const { name, stopTimeout = DEFAULT_STOP_TIMEOUT_S } = this.#target;
    if (!this.isStopped) this.#context.report({ type: "stopping", name, reason, stopTimeout });
    await this.#stop();
  }

  async #stop(): Promise<void> {
    const { engine } = this.#context;
    const { serviceId, stopTimeout } = this.#target;
    this.isStopped = true;
    // A task without a node has no exit code to keep.
    if (!this.view || this.view.stage.stage === "waiting") {
      this.isWithdrawn = true;
      return await retryUntilManaged(engine, () => removeService(engine, serviceId));
    }
    const container = await this.localContainer();
    if (container !== undefined) await stopContainer(engine, container, stopTimeout);
    else await retryUntilManaged(engine, () => stopServiceTask(engine, serviceId));
  }

  /** A task that has just ended cannot be signalled: that is no failure. */
  #queue(action: () => Promise<void>): void {
    this.#lastRequest = this.#lastRequest.then(action).catch((error: unknown) => {
      if (!isRefusal(error, 404, 409)) this.#context.report(warning(linesOf(error)));
    });
  }
}
