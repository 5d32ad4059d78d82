import { type Download, openDownload } from "./download.ts";
import type { Transport } from "./transport.ts";

/** Selects a part of a log. */
export interface LogRange {
  /** Number of last lines; absent for all. */
  readonly tail?: number | undefined;
  /** Seconds since 1970, with nanoseconds. */
  readonly since?: string | undefined;
  /** The time of the last line at the latest, as for `since`. */
  readonly until?: string | undefined;
  /** Whether each line begins with its time, in RFC 3339 with nanoseconds. */
  readonly timestamps?: boolean;
}

/** `GET /containers/{id}/logs`: raw for a container with a TTY, else in frames. */
export const openLogs = (
  engine: Transport,
  id: string,
  { timestamps, tail, since, until }: LogRange,
): Promise<Download> =>
  openDownload(engine, {
    path: `/containers/${id}/logs`,
    query: {
      stdout: 1,
      stderr: 1,
      // `follow` of the engines loses or repeats lines when a log rotates.
      follow: 0,
      timestamps: timestamps ? 1 : 0,
      tail,
      since: since && engine.quirks.logTime(since),
      until: until && engine.quirks.logTime(until),
    },
  });
