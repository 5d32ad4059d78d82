import { isFinal } from "../../swarm/tasks/task-facts.ts";
import type { LoggedTask } from "./service-log-types.ts";

/** The latest state of a task, and changes of what can be read of it. */
export class WatchedTask {
  task: LoggedTask;
  /** The task was forgotten, with its service or for newer ones. */
  #isForgotten = false;
  #change = new AbortController();

  constructor(task: LoggedTask) {
    this.task = task;
  }

  /** Nothing more is written. */
  get isOver(): boolean {
    return this.#isForgotten || isFinal(this.task.task);
  }

  /** Aborted when the task is over, and when its node is down or returns. */
  get changed(): AbortSignal {
    return this.#change.signal;
  }

  /** @param task undefined if the manager does not list it anymore. */
  update(task: LoggedTask | undefined): void {
    const before = this.#state();
    if (task) this.task = task;
    else this.#isForgotten = true;
    if (this.#state() === before) return;
    const change = this.#change;
    this.#change = new AbortController();
    change.abort();
  }

  #state(): string {
    return `${this.isOver} ${this.task.isNodeDown}`;
  }
}
