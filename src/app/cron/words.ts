import { isEvery, type Schedule } from "./schedule.ts";

/** A schedule in English: `At 05:05`. Loads the library when it is needed. */
export async function scheduleInWords(schedule: Schedule): Promise<string> {
  const { default: cronstrue } = await import("cronstrue");
  const { expression, minutes, hours, days, months, weekdays, needsBothDays } = schedule;
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = expression.split(" ");
  const isDaily = !needsBothDays && (isEvery(days, 31) || isEvery(weekdays, 7));
  const fields = [
    plainField(minute, minutes, 60),
    plainField(hour, hours, 24),
    isDaily ? "*" : plainField(day, days, 31),
    plainField(month, months, 12),
    isDaily ? "*" : plainField(weekday, weekdays, 7),
  ];
  const options = { use24HourTimeFormat: true, logicalAndDayFields: needsBothDays };
  const words = cronstrue.toString(fields.join(" "), options);
  // In the words of the library, both days seem to be required.
  return needsBothDays || isDaily ? words : words.replace(/ of the month, (?:and )?/, " of the month, or ");
}

/** The library takes fields literally: `1-7` is no `*` for it, and a star or a value twice in a list confuses it. */
function plainField(text: string, values: readonly number[], count: number): string {
  if (isEvery(values, count)) return "*";
  // A step that is longer than its range, and `*` in a list.
  return values.length === 1 || /\*.*,|,.*\*|^\d+(?:,\d+)+$/.test(text) ? values.join(",") : text;
}
