import type { Event } from "./events.ts";
import { time } from "./summary-lines.ts";

/** A deploy, or a failure, for a page of Markdown. */
export const summaryMarkdown = (event: Extract<Event, { type: "summary" | "failed" }>): string =>
  event.type === "summary" ? deploy(event) : failure(event);

const SAID = { deployed: "is live", unchanged: "was live already", failed: "failed" } as const;

function deploy({ app, outcome, release, steps, seconds }: Extract<Event, { type: "summary" }>): string {
  const title = `${app}${release === undefined ? "" : ` v${release}`} ${SAID[outcome]}`;
  const rows = steps.map(({ step, outcome, seconds }) => [step, outcome, outcome === "skipped" ? "" : time(seconds)]);
  const table = [["Step", "", "Time"], ["---", "---", "---:"], ...rows, ["in all", "", time(seconds)]];
  return `### ${title}\n\n${table.map((row) => `| ${row.join(" | ")} |\n`).join("")}\n`;
}

/** Fenced by more than whatever is in it. */
function failure({ message, next }: Extract<Event, { type: "failed" }>): string {
  const text = next === undefined ? message : `${message}\n  ${next}`;
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}\n\n`;
}
