import type { Summary } from "./events.ts";
import type { Style } from "./style.ts";

/** The time of each step that was begun, and of all, for people; nothing where no step was. */
export function summaryLines({ steps, seconds }: Summary, style: Style): string[] {
  const begun = steps.filter(({ outcome }) => outcome !== "skipped");
  if (begun.length === 0) return [];
  const rows = [...begun.map(({ step, seconds }) => [step, time(seconds)]), ["in all", time(seconds)]] as const;
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([name = "", took = ""], index) => {
    const line = `       ${name.padEnd(widths[0] ?? 0)}  ${took.padStart(widths[1] ?? 0)}`;
    const failed = begun[index]?.outcome === "failed";
    return failed ? style.error(`${line}  failed`) : index === begun.length ? style.heading(line) : style.faint(line);
  });
}

/** `0.4 s`, `2 min 5 s` */
export function time(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
