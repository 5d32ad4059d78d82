import type { OneoffError } from "../errors.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Event, Report } from "./events.ts";

/** Events as lines for people, on stderr: stdout belongs to the command. */
export function humanReport(terminal: Terminal): Report {
  return (event) => {
    const line = humanLine(event);
    if (line !== undefined) terminal.stderr.write(`${line}\n`);
  };
}

export function humanLine(event: Event): string | undefined {
  switch (event.type) {
    case "warning":
      return `oneoff: warning: ${event.message}`;
    case "pull":
      return `${event.image}: ${event.status}`;
    case "running":
      return `Running ${event.name} on ${event.app}`;
    case "detached":
      return `${event.name} runs on its own; follow it with: docker logs -f ${event.container.slice(0, 12)}`;
    case "left":
      return `${event.name} runs on its own; come back to it with: docker attach ${event.container.slice(0, 12)}`;
    case "stopping":
      return stoppingLine(event);
    case "out-of-memory":
      return `oneoff: ${event.name} was killed: out of memory, limit ${humanBytes(event.limit)}`;
    case "removing":
      return `oneoff: removing ${event.name}`;
  }
}

function stoppingLine({ name, why, grace }: Extract<Event, { type: "stopping" }>): string | undefined {
  // The reader has gone, as with `| head`: a shell says nothing of that either.
  if (why === "output") return undefined;
  const how = `oneoff: stopping ${name}, which has ${grace} s to end`;
  return why === "interrupt" ? `${how}; ^C once more removes it at once` : how;
}

/** A failure as people read it: what happened and why, and what to type next. */
export function humanError(error: OneoffError): string {
  return `oneoff: ${error.message}${error.next ? `\n  ${error.next}` : ""}\n`;
}

/** `512 MiB`, `1.5 GiB` */
function humanBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${Number((bytes / 2 ** (10 * power)).toFixed(1))} ${units[power]}`;
}
