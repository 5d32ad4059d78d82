import { quoteWord, quoteWords } from "../quote.ts";
import type { CronTask } from "./cron-task.ts";
import { type Launch, launchTask } from "./launch.ts";
import type { Schedule } from "./schedule.ts";

const startOf = (app: string) => `# BEGIN oneoff cron:install ${app} (oneoff writes the lines up to END)\n`;
const endOf = (app: string) => `# END oneoff cron:install ${app}\n`;

/** The lines of a crontab for the tasks of an app, between markers; empty without tasks. */
export function crontabBlock(app: string, tasks: readonly CronTask[], launch: Launch): string {
  const env = launch.env.map(([name, value]) => `${name}=${quoteWord(value)} `).join("");
  const lines = tasks.map((task) => {
    const command = `cd / && ${env}${quoteWords(launchTask(launch, app, task))}`;
    // cron takes a bare % for a line break.
    return `${fieldsOf(task.times)} ${command.replaceAll("%", "\\%")}\n`;
  });
  return lines.length === 0 ? "" : `${startOf(app)}${lines.join("")}${endOf(app)}`;
}

/** Names are replaced: not every cron accepts them in ranges. A field that begins with `*` keeps it, for the rule of days. */
function fieldsOf({ expression, months, weekdays }: Schedule): string {
  const [minute, hour, day, month = "", weekday = ""] = expression.split(" ");
  const withoutNames = (text: string, values: readonly number[]) =>
    /[a-z]/i.test(text) ? namesAsNumbers(text, values) : text;
  return [minute, hour, day, withoutNames(month, months), withoutNames(weekday, weekdays)].join(" ");
}

/** A list with `*` first stays a list that begins with `*`. */
const namesAsNumbers = (text: string, values: readonly number[]) =>
  text.startsWith("*") ? `${text.split(",")[0]},${values.join(",")}` : values.join(",");

const MARKER = /^# (BEGIN|END) oneoff cron:install (\S+)/;

/**
 * The block of an app in a crontab; empty without one. Undefined if it is not as oneoff writes it: a marker is missing or
 * repeated, or another line is between the markers, which the next installation would remove.
 */
export function findBlock(crontab: string, app: string): string | undefined {
  const lines = crontab.split(/(?<=\n)/);
  const markers = lines.flatMap((line, at) => {
    const [, kind, name] = MARKER.exec(line) ?? [];
    return name === app ? [{ kind, at }] : [];
  });
  if (markers.length === 0) return "";
  const [start, end, more] = markers;
  if (start?.kind !== "BEGIN" || end?.kind !== "END" || more) return undefined;
  const isOwn = (line: string) => line.trim() === "" || line.includes(" cron:run ");
  return lines.slice(start.at + 1, end.at).every(isOwn) ? lines.slice(start.at, end.at + 1).join("") : undefined;
}

/** Replaces the block of an app, or appends it. All other text stays as it is. @param old as `findBlock` returns it. */
export function replaceBlock(crontab: string, old: string, block: string): string {
  const start = crontab.indexOf(old);
  if (old !== "") return crontab.slice(0, start) + block + crontab.slice(start + old.length);
  const separator = crontab === "" || crontab.endsWith("\n") ? "" : "\n";
  return block === "" ? crontab : `${crontab}${separator}${block}`;
}
