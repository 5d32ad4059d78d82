import { type Download, openDownload } from "./download.ts";
import type { Transport } from "./transport.ts";

/** Which part of a log. */
export interface LogRange {
  /** How many of its last lines; all unless given. */
  readonly tail?: number | undefined;
  /** In seconds since 1970, with nanoseconds for a fraction. */
  readonly since?: string | undefined;
  /** Whether each line begins with its time, in RFC 3339 with nanoseconds. */
  readonly timestamps?: boolean;
}

/** `GET /containers/{id}/logs`: raw for a container with a terminal, in frames otherwise. */
export const openLogs = (engine: Transport, id: string, { timestamps, tail, since }: LogRange): Promise<Download> =>
  openDownload(engine, {
    path: `/containers/${id}/logs`,
    query: {
      stdout: 1,
      stderr: 1,
      // The engines' followers lose or repeat lines when a log rotates.
      follow: 0,
      timestamps: timestamps ? 1 : 0,
      tail,
      since: since && engine.dialect.logTime(since),
    },
  });
