import { type CiLog, ciLines, stepTitle } from "./ci-lines.ts";
import type { Report } from "./events.ts";
import { COLORED } from "./style.ts";

const ERASE_LINE = "\x1b[0K";

/** Events for a log of GitLab CI: each step is a section of its own, folded, with its time; failures are red. */
export function gitlabReport({ say, style, now }: CiLog): Report {
  let section = "";
  const mark = (which: "start" | "end", options = "") =>
    `${ERASE_LINE}section_${which}:${Math.floor(now())}:${section}${options}\r${ERASE_LINE}`;
  return (event) => {
    if (event.type === "step-started") {
      section = `oneoff_${event.step}_${Math.floor(now())}`;
      say(`${mark("start", "[collapsed=true]")}${style.heading(stepTitle(event))}`);
      return;
    }
    // Whatever colours there are otherwise.
    for (const line of ciLines(event, event.type === "failed" ? COLORED : style)) say(line);
    if (event.type === "step-done" || event.type === "step-failed") say(mark("end"));
  };
}
