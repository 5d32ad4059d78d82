import type { LogLine } from "./log-lines.ts";
import type { LogSelection } from "./log-request.ts";

/** Whether a line is part of the selection. Steps of one-offs have no text to match. */
export function selects({ since, until, matches }: Omit<LogSelection, "count">, line: LogLine): boolean {
  if (since !== undefined && line.time < since) return false;
  if (until !== undefined && line.time > until) return false;
  return !matches || (line.source === "app" && matches(line.text));
}
