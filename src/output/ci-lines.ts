import type { Event } from "./events.ts";
import { humanLine } from "./human.ts";
import { printable } from "./printable.ts";
import type { Style } from "./style.ts";

/** What a log of a CI service is made of. */
export interface CiLog {
  say(line: string): void;
  readonly style: Style;
  /** In seconds since 1970. */
  now(): number;
}

/** An event as people read it in a log, without anything that the service could take for a command of ours. */
export const ciLines = (event: Event, style: Style): string[] =>
  humanLine(event, style)
    ?.split("\n")
    .map((line) => printable(line, true)) ?? [];

/** A step as the heading of what it writes. */
export const stepTitle = ({ step, command }: Extract<Event, { type: "step-started" }>) =>
  printable((command === undefined ? step : `${step}: ${command}`).replaceAll("\n", " "));

/** Lines that somebody else has written. */
export const isForeign = ({ type }: Event) =>
  type === "phase-output" || type === "build-output" || type === "build-step";
