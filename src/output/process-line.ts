import type { Event } from "./events.ts";

export function processLine(event: Extract<Event, { type: "process" }>): string | undefined {
  const { name } = event;
  switch (event.state) {
    case "starting":
      return `Starting ${name}`;
    case "healthy":
      return `${name} is healthy`;
    case "unhealthy":
      return `${name}: health check failed (${event.attempt}/${event.maxAttempts}): ${event.reason}`;
    case "live":
      // The line before says that it is healthy, the next one that the old process is stopping.
      return undefined;
    case "unchanged":
      return `${name} is already running`;
    case "stopping":
      return `Stopping ${name} (waiting up to ${event.stopTimeout} s)`;
    case "stopped":
      return `Stopped ${name}`;
    case "removed":
      return `Removed ${name}`;
  }
}
