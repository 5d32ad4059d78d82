import { type Download, openDownload } from "../download.ts";
import type { Transport } from "../transport.ts";

/** Selects a part of the log of a service or task. */
export interface ServiceLogRange {
  /** Never ends on its own, and may lose the end of the output. */
  readonly follow?: boolean;
  readonly tail?: number | undefined;
  /** Seconds since 1970 with nanoseconds. Lines of that moment are included. */
  readonly since?: string | undefined;
  /** Whether each frame begins with its time, in RFC 3339 with nanoseconds, and a space. */
  readonly timestamps?: boolean;
  /** Whether each frame begins with labels of node, service and task. */
  readonly details?: boolean;
  /** Closes the connection at any time. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * `GET /services/{id}/logs` or `GET /tasks/{id}/logs`: raw for a TTY, else in frames, where one frame is one record.
 * A frame of stream 3 holds an error, e.g. for a node that is down. May hang for an unreachable node.
 * @param path `/tasks/ID`
 */
export const openServiceLogs = (
  engine: Transport,
  path: `/services/${string}` | `/tasks/${string}`,
  { follow = false, tail, since, timestamps = false, details = false, signal }: ServiceLogRange,
): Promise<Download> =>
  openDownload(engine, {
    ...{ path: `${path}/logs`, signal },
    query: {
      ...{ stdout: 1, stderr: 1, follow: Number(follow), timestamps: Number(timestamps), details: Number(details) },
      ...{ tail, since },
    },
  });
