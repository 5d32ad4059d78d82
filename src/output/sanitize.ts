import { CONTROL, escapeAll, escapeExceptLines } from "../text/escape.ts";
import type { Event } from "./events.ts";

const ESCAPE_SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)/;

const CONTROLS_EXCEPT_TAB = new RegExp(`${ESCAPE_SEQUENCE.source}|(?!\t)${CONTROL.source}`, "g");

const COLOR_SEQUENCE = /^\x1b\[[\d;:]*m$/;

/**
 * Removes control characters and escape sequences from a line of foreign output. Text before a carriage return is
 * removed, as a terminal overwrites it. @param color whether colours are kept; they are reset at the end.
 */
export function sanitizeLine(line: string, color = false): string {
  const visible = line.split("\r").findLast((part) => part !== "") ?? "";
  if (!/[^\t -~]/.test(visible)) return visible;
  let colored = false;
  const text = visible.replace(CONTROLS_EXCEPT_TAB, (match) => {
    if (!color || !COLOR_SEQUENCE.test(match)) return "";
    colored = true;
    return match;
  });
  return colored ? `${text}\x1b[0m` : text;
}

/** Escapes control characters in all texts of an event. Only messages keep their line breaks. */
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
      // The step keeps its colours: `sanitizeLine` removes the rest when it is printed.
      return event;
    case "build-output":
    case "phase-output":
      return { ...escapeAll(event), text: event.text };
    default:
      return escapeAll(event);
  }
}
