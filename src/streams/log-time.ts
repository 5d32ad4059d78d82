import { badLine } from "../errors/io.ts";

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Converts the time of a log line to UTC: some logs have the engine's time zone. @throws OneoffError if invalid. */
export function toUtc(stamp: string): string {
  const [, fraction = ""] = RFC_3339.exec(stamp) ?? [undefined];
  const time = new Date(stamp);
  if (!RFC_3339.test(stamp) || Number.isNaN(time.getTime())) {
    throw badLine("expected a timestamp at the beginning of a line", stamp.slice(0, 100));
  }
  return stamp.endsWith("Z") ? stamp : `${time.toISOString().slice(0, 19)}${fraction}Z`;
}
