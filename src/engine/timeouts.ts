/** Timeouts for an engine in milliseconds. The time until an answer is not limited. */
export interface EngineTimeouts {
  /** A pause in the body of an immediate answer. */
  readonly body: number;
  /** The message of a rejection on a separate connection, which may have no other end. */
  readonly errorBody: number;
  /** Before each reconnect to a lost engine. */
  readonly reconnectPause: number;
  /** All reconnects to a lost engine. */
  readonly reconnect: number;
  /** The exit code of a container that is already removed. */
  readonly removedExit: number;
  /** The end of the live output after the container's exit. */
  readonly lastOutput: number;
  /** Between the end of a followed output and the exit of its container, in either order. */
  readonly followedExit: number;
  /** The event with the reason for a SIGKILL. */
  readonly outOfMemoryEvent: number;
  /** The answer to a request after the third ^C. */
  readonly leave: number;
  /** A pause in the log of a Swarm task. The request never ends if the task's node cannot be reached. */
  readonly taskLog: number;
  /** All reconnects to a Swarm's manager, which may restart or elect a leader meanwhile. */
  readonly manager: number;
}

export const ENGINE_TIMEOUTS_MS: EngineTimeouts = {
  body: 30_000,
  errorBody: 5_000,
  reconnectPause: 500,
  reconnect: 3_000,
  removedExit: 5_000,
  lastOutput: 2_000,
  followedExit: 1_000,
  outOfMemoryEvent: 500,
  leave: 2_000,
  taskLog: 10_000,
  manager: 60_000,
};
