import { secondsOf } from "../../app/units.ts";
import { badOption } from "../../errors/cli.ts";
import type { LogSelection } from "../../oneoff/logs/log-request.ts";
import { quoted } from "../../text/quoted.ts";
import type { Flags } from "../command.ts";
import { appOption, commonOptions, configOption, formatOption } from "../common-options.ts";

export const logsOptions = {
  ...appOption,
  ...configOption,
  follow: { type: "boolean", alias: "f", describe: "Follow the log" },
  ...formatOption,
  num: {
    type: "string",
    placeholder: "NUMBER",
    alias: "n",
    describe: "Number of lines to show from the end (default 100)",
  },
  raw: { type: "boolean", describe: "Print only the output of a one-off, byte for byte" },
  since: {
    type: "string",
    placeholder: "TIME",
    describe: "Show only newer lines: 10m or 2013-03-13T15:38:08Z",
  },
  tail: { type: "boolean", alias: "t", describe: "Same as --follow" },
  ...commonOptions,
} as const;

/** Default number of lines without --num and --since. */
const LINES = 100;

/** @param typed the command's name as typed. @returns the selection for a time in milliseconds since 1970. */
export function toSelection(
  { num, since, raw }: Pick<Flags<typeof logsOptions>, "num" | "since" | "raw">,
  typed: string,
): (now: number) => LogSelection {
  const count = num === undefined ? (since !== undefined || raw ? Infinity : LINES) : Number(num);
  if (num !== undefined && !/^\d{1,9}$/.test(num)) {
    throw badOption(`Invalid --num ${quoted(num)}: expected a number of lines such as 100`, typed);
  }
  if (since === undefined) return () => ({ count, since });
  const seconds = secondsOf(since);
  const time = timeOf(since);
  if (seconds === undefined && time === undefined) {
    throw badOption(`Invalid --since ${quoted(since)}: expected 10m or a time such as 2013-03-13T15:38:08Z`, typed);
  }
  return (now) => ({ count, since: new Date(time ?? now - (seconds ?? 0) * 1000).toISOString() });
}

/** Parses ISO 8601 with at least a date to milliseconds since 1970. */
function timeOf(text: string): number | undefined {
  const time = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/.test(text)
    ? Date.parse(text)
    : NaN;
  return Number.isNaN(time) ? undefined : time;
}
