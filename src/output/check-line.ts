/** `streams   ok       0.42 s   …` */
export const checkLine = (result: {
  check: string;
  ok: boolean;
  seconds: number;
  description: string;
  error: string | null;
}) =>
  `${result.check.padEnd(10)}${(result.ok ? "ok" : "FAILED").padEnd(8)}${result.seconds.toFixed(2).padStart(5)} s   ${
    result.error ?? result.description
  }\n`;
