/** The times of a cron expression. Every list is sorted and not empty. */
export interface Schedule {
  /** The five fields; a descriptor is expanded. */
  readonly expression: string;
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  /** Sunday is 0. */
  readonly weekdays: readonly number[];
  /**
   * As in cron: if one of the two fields begins with `*`, a day must match both. Otherwise, it must match one of them.
   */
  readonly needsBothDays: boolean;
}

/** Why an expression is invalid. */
export type ScheduleProblem =
  | { readonly kind: "descriptor" }
  | { readonly kind: "fields"; readonly count: number }
  | { readonly kind: "field"; readonly field: string; readonly lowest: number; readonly highest: number }
  | { readonly kind: "never" };

interface Field {
  readonly name: string;
  readonly lowest: number;
  readonly highest: number;
  /** Names of the values from the lowest. */
  readonly names?: readonly string[];
}

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const MINUTE: Field = { name: "minute", lowest: 0, highest: 59 };
const HOUR: Field = { name: "hour", lowest: 0, highest: 23 };
const DAY: Field = { name: "day of month", lowest: 1, highest: 31 };
const MONTH: Field = { name: "month", lowest: 1, highest: 12, names: MONTHS };
/** Sunday is 0 or 7. */
const WEEKDAY: Field = { name: "day of week", lowest: 0, highest: 7, names: WEEKDAYS };

/** The longest month, and February in a leap year. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const DESCRIPTORS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

export const DESCRIPTOR_NAMES = Object.keys(DESCRIPTORS);

/** Parses a cron expression of five fields, or a descriptor such as `@daily`. */
export function parseSchedule(text: string): Schedule | ScheduleProblem {
  const written = text.trim();
  if (written.startsWith("@") && !Object.hasOwn(DESCRIPTORS, written)) return { kind: "descriptor" };
  const words = (DESCRIPTORS[written] ?? written).split(/\s+/).filter((word) => word !== "");
  const [minute, hour, day, month, weekday] = words;
  if (weekday === undefined || words.length > 5) return { kind: "fields", count: words.length };
  const fields = [MINUTE, HOUR, DAY, MONTH, WEEKDAY];
  const values = fields.map((field, index) => parseField(words[index] ?? "", field));
  const wrong = fields.find((_, index) => values[index] === undefined);
  if (wrong) return { kind: "field", field: wrong.name, lowest: wrong.lowest, highest: wrong.highest };
  const [minutes = [], hours = [], days = [], months = [], sevenDays = []] = values as number[][];
  const needsBothDays = /^\*/.test(day ?? "") || /^\*/.test(weekday);
  if (/^\*/.test(weekday) && !months.some((one) => (days[0] ?? 0) <= (LONGEST[one - 1] ?? 0))) return { kind: "never" };
  return {
    expression: [minute, hour, day, month, weekday].join(" "),
    minutes,
    hours,
    days,
    months,
    weekdays: sorted(sevenDays.map((one) => one % 7)),
    needsBothDays,
  };
}

/** A list of `*`, values and ranges, each of the first and last with an optional step. */
function parseField(text: string, field: Field): number[] | undefined {
  const parts = text.split(",").map((part) => parsePart(part, field));
  return parts.every((part) => part !== undefined) ? sorted(parts.flat()) : undefined;
}

function parsePart(text: string, field: Field): number[] | undefined {
  const [, star, from, to, by] = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(text) ?? [];
  const first = star ? field.lowest : parseValue(from, field);
  const last = star ? highestOf(field) : to === undefined ? first : parseValue(to, field);
  const step = by === undefined ? 1 : Number(by);
  const hasStepWithoutRange = by !== undefined && !star && to === undefined;
  if (first === undefined || last === undefined || first > last || hasStepWithoutRange) return undefined;
  if (step < 1) return undefined;
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

/** Sunday as 7 would be a second Sunday in `*`. */
const highestOf = ({ highest }: Field) => (highest === 7 ? 6 : highest);

function parseValue(text: string | undefined, { lowest, highest, names = [] }: Field): number | undefined {
  const named = names.indexOf(text?.toLowerCase() ?? "");
  const value = named >= 0 ? lowest + named : /^\d{1,2}$/.test(text ?? "") ? Number(text) : undefined;
  return value !== undefined && value >= lowest && value <= highest ? value : undefined;
}

const sorted = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);

export const isProblem = (parsed: Schedule | ScheduleProblem): parsed is ScheduleProblem => "kind" in parsed;

/** Whether a field of a schedule has all its values. @param count their number. */
export const isEvery = (field: readonly number[], count: number) => field.length === count;
