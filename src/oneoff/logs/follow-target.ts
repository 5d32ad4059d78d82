import type { LogRange } from "../../engine/logs.ts";
import type { Transport } from "../../engine/transport.ts";
import type { LogConfig } from "../../engine/types.ts";
import type { Report } from "../../output/events.ts";
import type { Chunk } from "./live-stream.ts";

export interface FollowerContext {
  readonly engine: Transport;
  readonly report: Report;
}

/** A running container with a log. */
export interface FollowTarget {
  readonly id: string;
  /** `run.7364` */
  readonly name: string;
  readonly tty: boolean;
  /** Settles when the container has exited. */
  readonly exit: Promise<unknown>;
  readonly logConfig: LogConfig;
  readonly stdin: boolean;
  /** How long a reader may pause until it no longer blocks the container; undefined for any time. */
  readonly maxPauseMs?: number | undefined;
  /** Called when all output from before the attach is read. */
  readonly onJoined?: () => void;
  /** The part of the log to read. */
  readonly range: LogRange;
}

/** A chunk of output. @param time RFC 3339, UTC; only for output from the log. */
export interface OutputChunk extends Chunk {
  readonly time?: string;
}
