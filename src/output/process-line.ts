import type { Event } from "./events.ts";

export function processLine(event: Extract<Event, { type: "process" }>): string | undefined {
  const name = `${event.name} of ${event.app}`;
  switch (event.step) {
    case "starting":
      return `Starting ${name}`;
    case "well":
      return `${name} is well`;
    case "unwell":
      return `${name} is not well yet (${event.tries} of ${event.attempts}): ${event.reason}`;
    case "live":
      // It was well a moment ago, and what was there before is told of next.
      return undefined;
    case "kept":
      return `${name} runs already`;
    case "stopping":
      return `Stopping ${name}, which has ${event.grace} s to end`;
    case "stopped":
      return `Stopping ${name}... done`;
    case "removed":
      return `Removing ${name}... done`;
  }
}
