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
    case "stopping":
      return stoppingLine(event);
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
