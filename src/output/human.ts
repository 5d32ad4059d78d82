import { logFull, outputFate, outputLostBefore } from "../errors/lost-output.ts";
import { humanBytes } from "./bytes.ts";
import type { Event, Report } from "./events.ts";
import { printable } from "./printable.ts";
import { processLine } from "./process-line.ts";
import type { ProgressView } from "./progress-bars.ts";
import { COLORED, PLAIN, type Style } from "./style.ts";
import { summaryLines } from "./summary-lines.ts";

/** Events as lines for people, on stderr: stdout belongs to the command. @param say takes a line, or several. */
export function humanReport(say: (line: string) => void, style: Style, progress: ProgressView): Report {
  return (event) => {
    if (event.type === "progress") progress.show(event);
    const line = humanLine(event, style);
    if (line === undefined) return;
    if (event.type === "failed") progress.end();
    progress.erase();
    say(line);
  };
}

export function humanLine(event: Event, style: Style = PLAIN): string | undefined {
  const theirs = (text: string) => printable(text, style === COLORED);
  switch (event.type) {
    case "warning":
    case "not-copied":
      return style.warning(`oneoff: warning: ${event.message}`);
    case "build-step":
      return event.cached ? style.faint(`${theirs(event.step)} (cached)`) : theirs(event.step);
    case "build-output":
      return theirs(event.text);
    case "pull":
      return `${event.image}: ${event.status}`;
    case "running":
      return `Running ${event.name} on ${event.app}`;
    case "detached":
      return `${event.name} runs on its own; follow it with: oneoff logs --follow ${event.name}`;
    case "left":
      return `${event.name} runs on its own; come back to it with: oneoff attach ${event.name}`;
    case "stopping":
      return stoppingLine(event);
    case "out-of-memory":
      return style.error(`oneoff: ${event.name} was killed: out of memory, limit ${humanBytes(event.limit)}`);
    case "written":
      return writtenLines(event);
    case "uploading":
      return `Upload ${event.path} to container.`;
    case "progress":
    case "plan":
    case "formation":
      // Shown in another way.
      return undefined;
    case "variables":
      return `Setting ${event.names.length} ${event.names.length === 1 ? "variable" : "variables"} of ${event.app}, as app.json says: ${event.names.join(", ")}`;
    case "step-started":
      return style.heading(`-----> ${event.step}${event.command === undefined ? "" : `: ${event.command}`}`);
    case "step-skipped":
      return style.faint(`       ${event.step} skipped: ${event.why}`);
    case "step-done":
      return style.faint(`       ${event.step} done in ${event.seconds.toFixed(1)} s`);
    case "step-failed":
      return style.error(` !     ${event.step} failed after ${event.seconds.toFixed(1)} s`);
    case "deployed":
      return style.success(`=====> ${event.app} v${event.release} is live`);
    case "deploy-failed":
      return `=====> ${event.app} ${fateOf(event)}`;
    case "unchanged":
      return `${event.app} v${event.release} is live already, and nothing has changed; --force deploys it anew`;
    case "summary":
      return summaryLines(event, style).join("\n") || undefined;
    case "failed":
      return failure(event, style);
    case "phase-output":
      return `${style.prefix(`${event.phase}:`)} ${theirs(event.text)}`;
    case "repeating":
      return `Repeating ${event.name} of ${event.app}, as it has failed`;
    case "removing":
      return `oneoff: removing ${event.name}`;
    case "stopped":
      return `Stopping ${event.name} of ${event.app}... done`;
    case "ended-already":
      return `${event.name} of ${event.app} has ended already`;
    case "none":
      return `No ${event.what}${event.app ? ` of ${event.app}` : ""} are ${event.states.join(" or ")}${
        event.isServing ? `; its processes are stopped by: oneoff ps:stop ${event.app}` : ""
      }`;
    case "lock-waiting":
      return `oneoff: waiting for ${event.name} of ${event.app}, which holds the lock "${event.key}"`;
    case "lock-replacing":
      return `oneoff: stopping ${event.name} of ${event.app}, which holds the lock "${event.key}"`;
    case "lock-skipped":
      return `oneoff: nothing was run: ${event.name} of ${event.app} holds the lock "${event.key}"`;
    case "no-output":
      return `oneoff: ${outputFate(event.name, event.why)}`;
    case "output-lost":
      return style.warning(`oneoff: warning: ${outputLostBefore(event.name, event.until)}`);
    case "log-full":
      return style.warning(`oneoff: warning: ${logFull(event.name, event.since)}`);
    case "process":
      return processLine(event);
    case "process-skipped":
      return `Skipping ${event.process} as it is missing from the current Procfile`;
    case "nothing-overdue":
      return "Nothing is overdue";
    case "unlocked":
      return `Unlocked "${event.key}"`;
  }
}

/** What was written, and what to type next. */
function fateOf({ live, isNew }: Extract<Event, { type: "deploy-failed" }>): string {
  if (live === undefined) return "has nothing that is live yet";
  return `v${live} is live${isNew ? "" : ", as before"}`;
}

function writtenLines({ file, apps }: Extract<Event, { type: "written" }>): string {
  if (apps.length === 0) return `Wrote ${file}: no apps were found, only an example is in it\n  oneoff help config`;
  return `Wrote ${file}: ${apps.length} ${apps.length === 1 ? "app" : "apps"} (${apps.join(", ")})\n  oneoff run ${apps[0]} …`;
}

function stoppingLine({ name, why, grace }: Extract<Event, { type: "stopping" }>): string | undefined {
  // The reader has gone, as with `| head`: a shell says nothing of that either.
  if (why === "output") return undefined;
  const how = `oneoff: stopping ${name}, which has ${grace} s to end`;
  return why === "interrupt" ? `${how}; ^C once more removes it at once` : how;
}

/** A failure as people read it: what happened and why, and what to type next. */
export function failure(
  { message, next }: { readonly message: string; readonly next?: string | undefined },
  style = PLAIN,
) {
  // What follows may be a command's own last lines.
  const [what = "", ...more] = message.split("\n");
  return [style.error(`oneoff: ${what}`), ...more, ...(next ? [`  ${next}`] : [])].join("\n");
}
