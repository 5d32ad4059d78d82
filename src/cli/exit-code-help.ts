import type { CommandShape } from "./shapes.ts";

type ExitCodes = readonly (readonly [code: string, meaning: string])[];

/** The exit code of a command in a container. */
const PASSED_ON: ExitCodes = [["any", "the exit code of the command (137, 143: killed)"]];

const TIMED_OUT: ExitCodes = [["124", "stopped by --timeout"]];

const FAILED: ExitCodes = [["125", "oneoff or the engine failed: no such app, usage error, no engine"]];

const RUN: ExitCodes = [
  ...PASSED_ON,
  ...TIMED_OUT,
  ...FAILED,
  ["126", "the command cannot be executed"],
  ["127", "the command is not found"],
  ["128+n", "signal n before the start of the command; 130: third Ctrl-C"],
  ["141", "the reader of stdout has exited, e.g. `| head`"],
];

const WAIT: ExitCodes = [...PASSED_ON, ["124", "stopped by its timeout; wait: --timeout has passed"], ...FAILED];

const PLAIN: ExitCodes = [
  ["0", "success"],
  ["1", "failure"],
  ["2", "usage error: nothing has changed"],
  ["125", "oneoff stopped before the command finished"],
  ["128+n", "terminated by signal n"],
];

/** All exit codes, by kind of command. */
export const EXIT_CODES = { run: RUN, wait: WAIT, others: PLAIN } as const;

export function exitCodesOf({ options, runsCommand, endsAsCommand }: CommandShape): ExitCodes {
  // `cron:run` runs a command that is not an argument.
  if (!runsCommand && !("detach" in options)) return endsAsCommand ? WAIT : PLAIN;
  return "timeout" in options ? RUN : RUN.filter((one) => !TIMED_OUT.includes(one));
}

/** Formats exit codes as rows of light text. */
export const exitCodeRows = (codes: ExitCodes) => codes.map(([code, meaning]) => `${code} :: ${meaning}`).join("\n");
