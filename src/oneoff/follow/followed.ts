import type { LogRange } from "../../engine/logs.ts";
import type { Transport } from "../../engine/transport.ts";
import type { LogConfig } from "../../engine/types.ts";
import type { Report } from "../../output/events.ts";
import type { Piece } from "./live-stream.ts";

export interface FollowContext {
  readonly engine: Transport;
  readonly report: Report;
}

/** A running container whose output is kept in a log. */
export interface Followed {
  readonly id: string;
  /** `run.7364` */
  readonly name: string;
  readonly tty: boolean;
  /** Resolves, or rejects, when the container has exited. */
  readonly exit: Promise<unknown>;
  readonly logConfig: LogConfig;
  /** Whether stdin is attached. */
  readonly stdin: boolean;
  /** What is wanted of the log. */
  readonly range: LogRange;
}

/** A piece of output. @param time when it was written, of what is read from the log: RFC 3339, UTC. */
export interface OutputPiece extends Piece {
  readonly time?: string;
}
