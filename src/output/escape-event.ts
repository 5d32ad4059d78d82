import { escapeAll, escapeExceptLines } from "../text/escape.ts";
import type { Event } from "./events.ts";

/** An event none of whose texts does anything to a terminal. Only messages of several lines keep their line breaks. */
export function escapeEvent(event: Event): Event {
  switch (event.type) {
    case "warning":
    case "not-copied":
      return { ...event, message: escapeExceptLines(event.message) };
    case "failed": {
      const { message, next } = event;
      return { ...event, message: escapeExceptLines(message), next: next && escapeExceptLines(next) };
    }
    case "build-step":
      // Its colours stay, and `printable` removes the rest.
      return event;
    case "build-output":
    case "phase-output":
      return { ...escapeAll(event), text: event.text };
    default:
      return escapeAll(event);
  }
}
