import type { Report } from "../events.ts";
import { COLORED } from "../style.ts";
import { type CiLog, ciLines, stepTitle } from "./log.ts";

const ERASE_LINE = "\x1b[0K";

/** Events for a GitLab CI log: each step is a collapsed section with its duration; failures are red. */
export function gitlabReport({ writeLine, style, now }: CiLog): Report {
  let section = "";
  const marker = (kind: "start" | "end", options = "") =>
    `${ERASE_LINE}section_${kind}:${Math.floor(now())}:${section}${options}\r${ERASE_LINE}`;
  return (event) => {
    if (event.type === "step-started") {
      section = `oneoff_${event.step}_${Math.floor(now())}`;
      writeLine(`${marker("start", "[collapsed=true]")}${style.heading(stepTitle(event))}`);
      return;
    }
    // Failures are red also without other colours.
    for (const line of ciLines(event, event.type === "failed" ? COLORED : style)) writeLine(line);
    if (event.type === "step-done" || event.type === "step-failed") writeLine(marker("end"));
  };
}
