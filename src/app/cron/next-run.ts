import { isEvery, type Schedule } from "./schedule.ts";

/**
 * The next run in milliseconds since 1970; undefined if none follows.
 * @param timezone by default the one of this machine.
 */
export async function nextRun(schedule: Schedule, timezone: string | undefined, now: number) {
  return (await nextRuns(schedule, timezone, now, 1))[0];
}

/** Loads the library when it is needed: `oneoff run` has no use for it. */
export async function nextRuns(schedule: Schedule, timezone: string | undefined, now: number, count: number) {
  const { Cron } = await import("croner");
  const { minutes, hours, days, months, weekdays, needsBothDays } = schedule;
  // `domAndDow` has the rule for days, so the fields are lists, for which the library has no rule of its own.
  const lists = [days, months, weekdays].map((values) => values.join(","));
  const fields = [isEvery(minutes, 60) ? "*" : minutes.join(","), isEvery(hours, 24) ? "*" : hours.join(","), ...lists];
  const options = {
    mode: "5-part",
    domAndDow: needsBothDays,
    fixedTimeRule: "no-wildcard",
    ...(timezone !== undefined && { timezone }),
  } as const;
  return new Cron(fields.join(" "), options).nextRuns(count, new Date(now)).map((date) => date.getTime());
}
