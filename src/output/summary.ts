import type { Event, Summary } from "./events.ts";
import type { Style } from "./style.ts";
import { formatElapsed } from "./units.ts";

/** The duration of each step and of the whole deploy; no lines if no step was started. */
export function summaryLines({ steps, seconds }: Summary, style: Style): string[] {
  const started = steps.filter(({ outcome }) => outcome !== "skipped");
  if (started.length === 0) return [];
  const rows = [
    ...started.map(({ step, seconds }) => [step, formatElapsed(seconds)]),
    ["total", formatElapsed(seconds)],
  ] as const;
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([name = "", duration = ""], index) => {
    const line = `       ${name.padEnd(widths[0] ?? 0)}  ${duration.padStart(widths[1] ?? 0)}`;
    const failed = started[index]?.outcome === "failed";
    return failed ? style.error(`${line}  failed`) : index === started.length ? style.heading(line) : style.faint(line);
  });
}

/** A deploy or a failure as Markdown. */
export const summaryMarkdown = (event: Extract<Event, { type: "summary" | "failed" }>): string =>
  event.type === "summary" ? deploy(event) : failure(event);

const OUTCOMES = { deployed: "is live", unchanged: "was already live", failed: "failed" } as const;

function deploy({ app, outcome, release, steps, seconds }: Extract<Event, { type: "summary" }>): string {
  const title = `${app}${release === undefined ? "" : ` v${release}`} ${OUTCOMES[outcome]}`;
  const rows = steps.map(({ step, outcome, seconds }) => [
    step,
    outcome,
    outcome === "skipped" ? "" : formatElapsed(seconds),
  ]);
  const table = [["Step", "", "Time"], ["---", "---", "---:"], ...rows, ["total", "", formatElapsed(seconds)]];
  return `### ${title}\n\n${table.map((row) => `| ${row.join(" | ")} |\n`).join("")}\n`;
}

/** The fence is longer than any run of backticks in the text. */
function failure({ message, next }: Extract<Event, { type: "failed" }>): string {
  const text = next === undefined ? message : `${message}\n  ${next}`;
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}\n\n`;
}
