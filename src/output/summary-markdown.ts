import type { Event } from "./events.ts";
import { time } from "./summary-lines.ts";

/** A deploy or a failure as Markdown. */
export const summaryMarkdown = (event: Extract<Event, { type: "summary" | "failed" }>): string =>
  event.type === "summary" ? deploy(event) : failure(event);

const OUTCOMES = { deployed: "is live", unchanged: "was already live", failed: "failed" } as const;

function deploy({ app, outcome, release, steps, seconds }: Extract<Event, { type: "summary" }>): string {
  const title = `${app}${release === undefined ? "" : ` v${release}`} ${OUTCOMES[outcome]}`;
  const rows = steps.map(({ step, outcome, seconds }) => [step, outcome, outcome === "skipped" ? "" : time(seconds)]);
  const table = [["Step", "", "Time"], ["---", "---", "---:"], ...rows, ["total", "", time(seconds)]];
  return `### ${title}\n\n${table.map((row) => `| ${row.join(" | ")} |\n`).join("")}\n`;
}

/** The fence is longer than any run of backticks in the text. */
function failure({ message, next }: Extract<Event, { type: "failed" }>): string {
  const text = next === undefined ? message : `${message}\n  ${next}`;
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}\n\n`;
}
