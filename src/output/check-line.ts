/** One thing that was to be so, and whether it is: `streams   ok       0.42 s   …`. */
export const checkLine = (result: {
  check: string;
  ok: boolean;
  seconds: number;
  proves: string;
  problem: string | null;
}) =>
  `${result.check.padEnd(10)}${(result.ok ? "ok" : "FAILED").padEnd(8)}${result.seconds.toFixed(2).padStart(5)} s   ${
    result.problem ?? result.proves
  }\n`;
