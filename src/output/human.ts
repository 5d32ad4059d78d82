import { logFull, outputFate, outputLostBefore } from "../errors/lost-output.ts";
import type { Event, Report } from "./events.ts";
import { cronLine, processLine, reachableLines } from "./lines.ts";
import type { ProgressView } from "./progress/bars.ts";
import type { WaitingView } from "./progress/waiting.ts";
import { sanitizeLine } from "./sanitize.ts";
import { COLORED, PLAIN, type Style } from "./style.ts";
import { summaryLines } from "./summary.ts";
import { formatBytes } from "./units.ts";

/**
 * Prints events to stderr: stdout belongs to the command. @param writeLine accepts one or several lines.
 * @param waiting undefined where no line can be redrawn.
 */
export function humanReport(
  writeLine: (line: string) => void,
  style: Style,
  progress: ProgressView,
  waiting?: WaitingView,
): Report {
  return (event) => {
    if (event.type === "progress") progress.show(event);
    const line = waiting?.update(event) ? undefined : humanLine(event, style);
    if (event.type === "failed") progress.end();
    if (line !== undefined) {
      waiting?.erase();
      progress.erase();
      writeLine(line);
    }
    waiting?.draw();
  };
}

export function humanLine(event: Event, style: Style = PLAIN): string | undefined {
  const sanitize = (text: string) => sanitizeLine(text, style === COLORED);
  switch (event.type) {
    case "warning":
    case "not-copied":
      return style.warning(`oneoff: warning: ${event.message}`);
    case "build-step":
      return event.cached ? style.faint(`${sanitize(event.step)} (cached)`) : sanitize(event.step);
    case "build-output":
      return sanitize(event.text);
    case "pull":
    case "push":
      return `${event.image}: ${event.status}`;
    case "placed":
      return placedLine(event);
    case "running":
      return `Running ${event.name} on ${event.app}`;
    case "attached":
      return attachedLine(event);
    case "detached":
      return `${event.name} is running in the background; follow it with: oneoff logs${hostOption(event)} --follow ${event.name}`;
    case "published":
      return publishedLines(event);
    case "still-running":
      return `${event.name} is still running; reattach with: oneoff attach${hostOption(event)} ${event.name}`;
    case "stopping":
      return stoppingLine(event);
    case "oom-killed":
      return style.error(`oneoff: ${event.name} was OOM-killed (memory limit ${formatBytes(event.memoryLimit)})`);
    case "config-written":
      return configWrittenLines(event);
    case "uploading":
      return `Uploading ${event.path === "-" ? "stdin" : event.path} to ${event.target}`;
    case "fetched":
      return `Fetched ${event.source} to ${event.path} (${formatBytes(event.bytes)})`;
    case "progress":
    case "plan":
    case "formation":
      // Printed by other code.
      return undefined;
    case "env-set":
      return `Setting ${counted(event.names, "environment variable")} of ${event.app} from app.json: ${event.names.join(", ")}`;
    case "step-started":
      return style.heading(`-----> ${event.step}${event.command === undefined ? "" : `: ${event.command}`}`);
    case "step-skipped":
      return style.faint(`       ${event.step} skipped: ${event.reason}`);
    case "step-done":
      return style.faint(`       ${event.step} done in ${event.seconds.toFixed(1)} s`);
    case "step-failed":
      return style.error(` !     ${event.step} failed after ${event.seconds.toFixed(1)} s`);
    case "deployed":
      return style.success(`=====> ${event.app} v${event.release} is live`);
    case "deploy-failed":
      return `=====> ${liveReleaseOf(event)}`;
    case "unchanged":
      return `No changes: ${event.app} v${event.release} is already live (--force to redeploy)`;
    case "summary":
      return summaryLines(event, style).join("\n") || undefined;
    case "failed":
      return failureText(event, style);
    case "phase-output":
      return `${style.prefix(`${event.phase}:`)} ${sanitize(event.text)}`;
    case "retrying":
      return `Retrying ${event.name} of ${event.app}, which failed`;
    case "removing":
      return `oneoff: removing ${event.name}`;
    case "stopped":
      return `Stopped ${event.name} of ${event.app}`;
    case "already-exited":
      return `${event.name} of ${event.app} has already exited`;
    case "none-found":
      return noneFound(event);
    case "lock-waiting":
      return `oneoff: waiting for lock "${event.key}", held by ${event.name} of ${event.app}`;
    case "lock-replacing":
      return `oneoff: stopping ${event.name} of ${event.app}, which holds lock "${event.key}"`;
    case "lock-skipped":
      return `oneoff: skipped: lock "${event.key}" is held by ${event.name} of ${event.app}`;
    case "no-output":
      return `oneoff: ${outputFate(event.name, event.reason)}`;
    case "output-lost":
      return style.warning(`oneoff: warning: ${outputLostBefore(event.name, event.until)}`);
    case "log-joined":
      return `oneoff: ${event.name} started (container ${shortId(event)})`;
    case "log-left":
      return `oneoff: ${event.name} exited${event.exitCode === undefined ? "" : ` with status ${event.exitCode}`} (container ${shortId(event)})`;
    case "log-full":
      return style.warning(`oneoff: warning: ${logFull(event.name, event.since)}`);
    case "process":
      return processLine(event);
    case "reachable":
      return reachableLines(event).join("\n") || undefined;
    case "process-skipped":
      return `Skipping ${event.processType}: not in the current Procfile`;
    case "cron-installed":
    case "cron-outdated":
    case "cron-removed":
      return cronLine(event);
    case "nothing-to-reap":
      return "Nothing to reap";
    case "unlocked":
      return `Unlocked "${event.key}"`;
  }
}

/** As docker prints it. */
const shortId = ({ containerId }: { readonly containerId: string }) => containerId.slice(0, 12);

/** One line per port of the container. */
const publishedLines = ({ name, ports }: Extract<Event, { type: "published" }>) =>
  Array.from(Map.groupBy(ports, ({ port }) => port))
    .map(([port, all]) => `${name} publishes ${port} on ${all.map(({ address }) => address).join(", ")}`)
    .join("\n");

const counted = ({ length }: readonly string[], noun: string) => `${length} ${noun}${length === 1 ? "" : "s"}`;

function liveReleaseOf({ app, liveRelease, changed }: Extract<Event, { type: "deploy-failed" }>): string {
  if (liveRelease === undefined) return `${app} has no live release`;
  return `${app} v${liveRelease} is ${changed ? "" : "still "}live`;
}

function noneFound({ resource, app, states, hasRunningProcesses }: Extract<Event, { type: "none-found" }>): string {
  const subject = `No ${resource}${app ? ` of ${app}` : ""}`;
  const line = states.length === 0 ? `${subject} found` : `${subject} are ${states.join(" or ")}`;
  return hasRunningProcesses ? `${line}; to stop its processes: oneoff ps:stop ${app}` : line;
}

function attachedLine({ name, app, interrupt, detachKeys }: Extract<Event, { type: "attached" }>): string {
  if (interrupt === "detach") return `Attached to ${name}: new output only; ^C detaches and leaves it running`;
  const attached = `Attached to ${name} of ${app}`;
  if (interrupt === "signal")
    return `${attached}: ^C interrupts the command, a second ^C stops it; SIGHUP detaches and leaves it running`;
  const detach = detachKeys === "" ? "no keys detach" : `${detachKeys} detaches`;
  return `${attached}: ^C is sent to the command; ${detach}`;
}

/** The second line is the command to run next. */
function configWrittenLines({ file, apps }: Extract<Event, { type: "config-written" }>): string {
  if (apps.length === 0) return `Wrote ${file}: no apps found, it has only an example\n  oneoff help config`;
  return `Wrote ${file}: ${counted(apps, "app")} (${apps.join(", ")})\n  oneoff run ${apps[0]} …`;
}

function stoppingLine({ name, reason, stopTimeout }: Extract<Event, { type: "stopping" }>): string | undefined {
  // The reader of stdout has exited, e.g. `| head`: a shell prints nothing either.
  if (reason === "broken-pipe") return undefined;
  const line = `oneoff: stopping ${name} (waiting up to ${stopTimeout} s)`;
  return reason === "interrupt" ? `${line}; press ^C again to remove it immediately` : line;
}

/** An error and the command to run next. */
export function failureText(
  { message, next }: { readonly message: string; readonly next?: string | undefined },
  style = PLAIN,
) {
  // Further lines may be output of a command.
  const [first = "", ...further] = message.split("\n");
  return [style.error(`oneoff: ${first}`), ...further, ...(next ? [`  ${next}`] : [])].join("\n");
}

const hostOption = ({ host }: { readonly host?: string }) => (host === undefined ? "" : ` --host ${host}`);

function placedLine({ node, way, reason }: Extract<Event, { type: "placed" }>): string {
  const place = node === undefined ? "" : ` on node ${node}`;
  if (way === "task") return `oneoff: running as a service task${place} (${reason})`;
  return `oneoff: running${place}${way === "sibling" ? ", beside a service for its network, secrets and configs" : ""}`;
}
