import type { Summary } from "./events.ts";
import type { Style } from "./style.ts";

/** The duration of each step and of the whole deploy; no lines if no step was started. */
export function summaryLines({ steps, seconds }: Summary, style: Style): string[] {
  const started = steps.filter(({ outcome }) => outcome !== "skipped");
  if (started.length === 0) return [];
  const rows = [...started.map(({ step, seconds }) => [step, time(seconds)]), ["total", time(seconds)]] as const;
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([name = "", duration = ""], index) => {
    const line = `       ${name.padEnd(widths[0] ?? 0)}  ${duration.padStart(widths[1] ?? 0)}`;
    const failed = started[index]?.outcome === "failed";
    return failed ? style.error(`${line}  failed`) : index === started.length ? style.heading(line) : style.faint(line);
  });
}

/** `0.4 s`, `2 min 5 s` */
export function time(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
