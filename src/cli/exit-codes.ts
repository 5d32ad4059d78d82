import type { CommandShape } from "./argv.ts";

type ExitCodes = readonly (readonly [code: string, meaning: string])[];

/** Of a command that is run in a container, or was. */
const PASSED_ON: ExitCodes = [["any", "the command's own, unchanged (137, 143: it was killed)"]];

const TIMED_OUT: ExitCodes = [["124", "it was stopped by its --timeout"]];

const OURS: ExitCodes = [["125", "oneoff or the engine failed: unknown app, bad option, no engine"]];

const RUN: ExitCodes = [
  ...PASSED_ON,
  ...TIMED_OUT,
  ...OURS,
  ["126", "the command could not be executed"],
  ["127", "the command was not found"],
  ["128+n", "ended by signal n before the command was started; 130 too after the third ^C"],
  ["141", "the reader of stdout has gone, as after `| head`"],
];

const WAIT: ExitCodes = [...PASSED_ON, ["124", "its time, or that of --timeout, had come"], ...OURS];

const PLAIN: ExitCodes = [
  ["0", "done"],
  ["1", "failed"],
  ["2", "used wrongly: nothing has happened"],
  ["125", "oneoff itself stopped before the command finished"],
  ["128+n", "ended by signal n"],
];

/** All there are, by who has them. */
export const EXIT_CODES = { run: RUN, wait: WAIT, others: PLAIN } as const;

export function exitCodesOf({ options, runsCommand, endsAsCommand }: CommandShape): ExitCodes {
  if (!runsCommand) return endsAsCommand ? WAIT : PLAIN;
  return "timeout" in options ? RUN : RUN.filter((one) => !TIMED_OUT.includes(one));
}

/** As rows of light text. */
export const exitCodeRows = (codes: ExitCodes) => codes.map(([code, meaning]) => `${code} :: ${meaning}`).join("\n");
