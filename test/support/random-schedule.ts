/** @param random from 0 to 1. @returns a valid cron expression with lists, ranges, steps and names. */
export function randomSchedule(random: () => number): string {
  const below = (count: number) => Math.floor(random() * count);
  const pick = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  const named = (name: string | undefined) => pick([name, name?.toUpperCase()]);
  const field = (lowest: number, highest: number, names: readonly string[] = []): string => {
    const value = () => lowest + below(highest - lowest + 1);
    const text = (one: number) => (random() < 0.4 ? (named(names[one - lowest]) ?? String(one)) : String(one));
    const range = () => {
      const [first, last] = [value(), value()].sort((a, b) => a - b) as [number, number];
      return `${text(first)}-${text(last)}`;
    };
    const step = () => `/${1 + below(highest + 9)}`;
    const part = () => pick([() => text(value()), range, () => `${range()}${step()}`, () => `*${step()}`])();
    return random() < 0.45 ? "*" : Array.from({ length: 1 + below(3) }, part).join(",");
  };
  return [field(0, 59), field(0, 23), field(1, 31), field(1, 12, MONTHS), field(0, 7, WEEKDAYS)].join(" ");
}

/** @returns whether cron starts a task at a minute, in UTC, by cron's own rule: `find_jobs` of Vixie cron. */
export function cronRule(expression: string): (time: Date) => boolean {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = expression.split(" ");
  const has = (text: string, lowest: number, highest: number) => {
    const parts = text.split(",").map((part) => {
      const [range = "", step = "1"] = part.split("/");
      const [from = "", to = from] = range === "*" ? [String(lowest), String(highest)] : range.split("-");
      return [numberOf(from), numberOf(to), Number(step)] as const;
    });
    const values = Array.from({ length: highest + 1 }, (_, value) =>
      parts.some(([from, to, step]) => value >= from && value <= to && (value - from) % step === 0),
    );
    return (value: number) => values[value] ?? false;
  };
  const [isMinute, isHour, isMonth] = [has(minute, 0, 59), has(hour, 0, 23), has(month, 1, 12)];
  const [isDay, isWeekday] = [has(day, 1, 31), has(weekday, 0, 7)];
  const isStar = day.startsWith("*") || weekday.startsWith("*");
  return (time) => {
    const [ofMonth, ofWeek] = [isDay(time.getUTCDate()), isWeekday(time.getUTCDay())];
    const onSunday = time.getUTCDay() === 0 && isWeekday(7);
    const isRightDay = isStar ? ofMonth && (ofWeek || onSunday) : ofMonth || ofWeek || onSunday;
    return (
      isRightDay && isMonth(time.getUTCMonth() + 1) && isHour(time.getUTCHours()) && isMinute(time.getUTCMinutes())
    );
  };
}

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

function numberOf(text: string): number {
  const word = text.toLowerCase();
  if (WEEKDAYS.includes(word)) return WEEKDAYS.indexOf(word);
  return MONTHS.includes(word) ? MONTHS.indexOf(word) + 1 : Number(text);
}
