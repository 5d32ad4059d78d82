import type { Event } from "../events.ts";
import { humanLine } from "../human.ts";
import { sanitizeLine } from "../sanitize.ts";
import type { Style } from "../style.ts";

export interface CiLog {
  writeLine(line: string): void;
  readonly style: Style;
  /** In seconds since 1970. */
  now(): number;
}

/** The lines of an event, without control sequences that the CI service could interpret. */
export const ciLines = (event: Event, style: Style): string[] =>
  humanLine(event, style)
    ?.split("\n")
    .map((line) => sanitizeLine(line, true)) ?? [];

export const stepTitle = ({ step, command }: Extract<Event, { type: "step-started" }>) =>
  sanitizeLine((command === undefined ? step : `${step}: ${command}`).replaceAll("\n", " "));

/** Whether the event has output of a command or of the builder. */
export const isForeignOutput = ({ type }: Event) =>
  type === "phase-output" || type === "build-output" || type === "build-step";
