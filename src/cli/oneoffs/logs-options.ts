import { secondsOf } from "../../app/units.ts";
import { badOption } from "../../errors/cli.ts";
import { conflictingOptions } from "../../errors/error.ts";
import type { LogSelection } from "../../oneoff/logs/log-request.ts";
import { sanitizeLine } from "../../output/sanitize.ts";
import { quoted } from "../../text/quoted.ts";
import type { Flags } from "../command.ts";
import { appOption, commonOptions, configOption, formatOption } from "../common-options.ts";

export const logsOptions = {
  ...appOption,
  ...configOption,
  follow: { type: "boolean", alias: "f", describe: "Follow the log" },
  ...formatOption,
  grep: { type: "string", placeholder: "REGEX", describe: "Show only output that matches a regular expression" },
  num: {
    type: "string",
    placeholder: "NUMBER",
    alias: "n",
    describe: "Number of lines to show from the end, or all (default 100)",
  },
  raw: { type: "boolean", describe: "Print only the output of a one-off or process, byte for byte" },
  since: {
    type: "string",
    placeholder: "TIME",
    describe: "Show only newer lines: 10m or 2013-03-13T15:38:08Z",
  },
  tail: { type: "boolean", alias: "t", describe: "Same as --follow; --tail=NUMBER is the same as --num" },
  timestamps: { type: "boolean", describe: "Print the time of each line of an app" },
  until: { type: "string", placeholder: "TIME", describe: "Show only older lines" },
  ...commonOptions,
} as const;

type LogsFlags = Flags<typeof logsOptions>;

/** Default number of lines without --num and --since. */
const LINES = 100;

/** @param typed the command's name as typed. @returns the selection for a time in milliseconds since 1970. */
export function toSelection(
  { num, since, until, grep, raw }: Pick<LogsFlags, "num" | "since" | "until" | "grep" | "raw">,
  typed: string,
): (now: number) => LogSelection {
  if (raw && grep !== undefined) throw conflictingOptions("--raw", "--grep");
  const count = num === undefined ? undefined : toCount(num, typed);
  const toTime = (option: string, text: string | undefined) =>
    text === undefined ? () => undefined : parseTime(option, text, typed);
  const [from, to] = [toTime("--since", since), toTime("--until", until)];
  const matches = grep === undefined ? undefined : toPredicate(grep, typed);
  return (now) => ({
    count: count ?? (since !== undefined || raw ? Number.POSITIVE_INFINITY : LINES),
    since: from(now),
    until: to(now),
    matches,
  });
}

function toCount(text: string, typed: string): number {
  if (text === "all") return Number.POSITIVE_INFINITY;
  if (!/^\d{1,9}$/.test(text)) {
    throw badOption(`Invalid --num ${quoted(text)}: expected a number of lines such as 100, or all`, typed);
  }
  return Number(text);
}

/** @returns the time for a current time. */
function parseTime(option: string, text: string, typed: string): (now: number) => string {
  const seconds = secondsOf(text);
  const time = timeOf(text);
  if (seconds === undefined && time === undefined) {
    throw badOption(`Invalid ${option} ${quoted(text)}: expected 10m or a time such as 2013-03-13T15:38:08Z`, typed);
  }
  return (now) => new Date(time ?? now - (seconds ?? 0) * 1000).toISOString();
}

const TIME = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/** Parses ISO 8601 with at least a date to milliseconds since 1970. The default is the local time zone, as in docker. */
function timeOf(text: string): number | undefined {
  const [, date = "", time = "T00:00"] = TIME.exec(text) ?? [];
  // JavaScript continues February 30 in March.
  const day = new Date(`${date}T00:00Z`);
  const milliseconds = Date.parse(`${date}${time}`);
  const isTime = !Number.isNaN(milliseconds) && day.toISOString().startsWith(date);
  return isTime ? milliseconds : undefined;
}

/** Matches the text that is shown, without its colours. */
function toPredicate(grep: string, typed: string): (text: string) => boolean {
  try {
    const regex = new RegExp(grep, "u");
    return (text) => regex.test(sanitizeLine(text));
  } catch (error) {
    const cause = (error as Error).message.split(": ").at(-1);
    throw badOption(`Invalid --grep ${quoted(grep)}: ${cause}`, typed);
  }
}
