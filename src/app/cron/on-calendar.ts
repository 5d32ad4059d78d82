import { isEvery, type Schedule } from "./schedule.ts";

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/**
 * The calendar events of systemd for a schedule. systemd requires weekday and date to match; a schedule whose days match
 * either has two events.
 */
export function toOnCalendar(schedule: Schedule, timezone?: string): string[] {
  const { minutes, hours, days, months, weekdays, needsBothDays } = schedule;
  const weekday = isEvery(weekdays, 7) ? "" : `${weekdays.map((day) => WEEKDAYS[day]).join(",")} `;
  const month = listOf(months, 12);
  const date = (day: string) => `*-${month}-${day}`;
  const time = `${listOf(hours, 24)}:${listOf(minutes, 60)}:00${timezone === undefined ? "" : ` ${timezone}`}`;
  const day = listOf(days, 31);
  if (needsBothDays) return [`${weekday}${date(day)} ${time}`];
  // A field that names every day makes the other one redundant.
  if (weekday === "" || day === "*") return [`${date("*")} ${time}`];
  return [`${date(day)} ${time}`, `${weekday}${date("*")} ${time}`];
}

const listOf = (values: readonly number[], count: number) =>
  isEvery(values, count) ? "*" : values.map((value) => String(value).padStart(2, "0")).join(",");
