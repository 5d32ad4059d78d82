import { isoSeconds } from "./error.ts";

/** Why no output can be shown. */
export const outputFate = (name: string, why: "terminal" | "removed" | "driver") =>
  ({
    terminal: `the output of ${name} was not kept: it went to the terminal or pipe of the user`,
    removed: `the output of ${name} was removed with its container`,
    driver: `the output of ${name} goes to a log that the engine cannot read`,
  })[why];

/** @param until RFC 3339, UTC. */
export const outputLostBefore = (name: string, until: string) =>
  `Output of ${name} before ${isoSeconds(until)} was removed from its log`;

export const logFull = (name: string, since: string) =>
  `The log of ${name} is full: output before ${isoSeconds(since)} may have been removed`;
