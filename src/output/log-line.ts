import { escapeControls, escapedJson } from "../text/escape.ts";
import { sanitizeLine } from "./sanitize.ts";
import type { Style } from "./style.ts";

interface Place {
  readonly time: string;
  readonly app: string;
  readonly name: string;
  readonly containerId: string;
}

/** A change of the state of a one-off. */
export type LogEvent =
  | { readonly event: "starting"; readonly command: string; readonly user: string | undefined }
  | { readonly event: "state-changed"; readonly from: string; readonly to: string }
  | { readonly event: "stopping"; readonly signal: string }
  | { readonly event: "exited"; readonly exitCode: number; readonly oomKilled: boolean };

/** The time is ISO 8601, UTC, with milliseconds or better. */
export type LogRecord = Place &
  (
    | { readonly source: "oneoff"; readonly step: LogEvent }
    | { readonly source: "app"; readonly stream: "stdout" | "stderr"; readonly text: string }
  );

/** ``2013-03-13T15:38:08.123Z oneoff[run.7364]: Starting process with command `bash` `` */
export const logLine = (line: LogRecord) =>
  `${milliseconds(line.time)} ${line.source}[${escapeControls(line.name)}]: ${shownMessage(line)}\n`;

/** The prefix of lines that oneoff writes itself. No process has a name without a number. */
const OWN_NAME = "oneoff";

/**
 * `web.1    | Listening on port 3000`, with as many spaces as the longest name needs, and a colour for each name. Names that
 * appear later may widen the prefix.
 */
export function prefixedLines(
  names: readonly string[],
  style: Style,
  { timestamps }: { readonly timestamps: boolean },
): (line: LogRecord) => string {
  const indexes = new Map<string, number>();
  let width = Math.max(OWN_NAME.length, ...names.map((name) => escapeControls(name).length));
  return (line) => {
    const name = line.source === "app" ? escapeControls(line.name) : OWN_NAME;
    width = Math.max(width, name.length);
    const index = indexes.get(name) ?? indexes.size;
    indexes.set(name, index);
    const time = timestamps ? `${milliseconds(line.time)} ` : "";
    const prefix = `${name.padEnd(width)} |`;
    if (line.source === "app") return `${style.source(prefix, index)} ${time}${shownMessage(line)}\n`;
    return `${style.faint(`${prefix} ${time}${escapeControls(line.name)}: ${shownMessage(line)}`)}\n`;
  };
}

/** Every key is always present, null if it does not apply. */
export const logJson = (line: LogRecord) =>
  `${escapedJson({
    time: milliseconds(line.time),
    app: line.app,
    name: line.name,
    containerId: line.containerId,
    source: line.source,
    stream: line.source === "app" ? line.stream : null,
    event: line.source === "app" ? null : line.step.event,
    message: message(line),
  })}\n`;

/** Colours of the command are kept; sequences that could overwrite the prefix are removed. */
const shownMessage = (line: LogRecord) =>
  line.source === "app" ? sanitizeLine(line.text, true) : escapeControls(stepText(line.step));

const message = (line: LogRecord) => (line.source === "app" ? line.text : stepText(line.step));

function stepText(step: LogEvent): string {
  switch (step.event) {
    case "starting":
      return `Starting process with command \`${step.command}\`${step.user === undefined ? "" : ` by user ${step.user}`}`;
    case "state-changed":
      return `State changed from ${step.from} to ${step.to}`;
    case "stopping":
      return `Stopping process with ${step.signal}`;
    case "exited":
      return `Process exited with status ${step.exitCode}${step.oomKilled ? " (out of memory)" : ""}`;
  }
}

const milliseconds = (time: string) =>
  `${time.slice(0, 19)}.${(/\.(\d+)/.exec(time)?.[1] ?? "").slice(0, 3).padEnd(3, "0")}Z`;
