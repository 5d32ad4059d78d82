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

/** The block of an app in a crontab; empty without one, undefined if its end is missing. */
export function findBlock(crontab: string, app: string): string | undefined {
  const start = blockStart(crontab, app);
  if (start < 0) return "";
  const end = crontab.indexOf(endOf(app), start);
  return end < 0 ? undefined : crontab.slice(start, end + endOf(app).length);
}

/** Replaces the block of an app, or appends it. All other text stays as it is. */
export function replaceBlock(crontab: string, app: string, old: string, block: string): string {
  const start = blockStart(crontab, app);
  if (start >= 0) return crontab.slice(0, start) + block + crontab.slice(start + old.length);
  const separator = crontab === "" || crontab.endsWith("\n") ? "" : "\n";
  return block === "" ? crontab : `${crontab}${separator}${block}`;
}

/** At the start of a line only. */
function blockStart(crontab: string, app: string): number {
  if (crontab.startsWith(startOf(app))) return 0;
  const at = crontab.indexOf(`\n${startOf(app)}`);
  return at < 0 ? -1 : at + 1;
}
