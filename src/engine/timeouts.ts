/** How long we wait for an engine, in milliseconds. How long it may work before it answers is not bounded. */
export interface EngineTimeouts {
  /** A pause in the body of an answer that should come at once. */
  readonly body: number;
  /** The message of a refusal on a connection of its own, whose end nothing else may mark. */
  readonly errorBody: number;
  /** Before a lost engine is asked again, each of several times. */
  readonly reconnectPause: number;
  /** The exit code of a container that is already removed. */
  readonly removedExit: number;
  /** The end of the live output after the container's exit. */
  readonly lastOutput: number;
  /** The exit of a container that is followed after the end of its output, and the end of the output after the exit. */
  readonly followedExit: number;
  /** The event that tells why a command was killed. */
  readonly outOfMemoryEvent: number;
  /** An answer to a request of a user who leaves. */
  readonly leave: number;
}

export const ENGINE_TIMEOUTS_MS: EngineTimeouts = {
  body: 30_000,
  errorBody: 5_000,
  reconnectPause: 500,
  removedExit: 5_000,
  lastOutput: 2_000,
  followedExit: 1_000,
  outOfMemoryEvent: 500,
  leave: 2_000,
};
