import { BINARY, type Case, NODE } from "./bench.ts";
import { inTurns, type Row, type Target } from "./measure.ts";

/** Measures the shortest output, from fork to exit. */
export const startUp: Case = async ({ pairs, client, timer }) => {
  const version = timer(BINARY, "--version");
  const help = timer(BINARY, "run", "--help");
  const node = timer(NODE, "-e", "console.log(1)");
  const dockerVersion = timer(client, "--version");

  for (const warmUp of [version, help, node, dockerVersion]) await warmUp();
  const against = async (name: string, oneoff: typeof node, peer: typeof node, target?: Target): Promise<Row> => {
    return { case: name, unit: "ms", ...(await inTurns(pairs(20), oneoff, peer)), ...(target && { target }) };
  };
  return [
    await against("oneoff --version, against bare Node", version, node, { of: "ratio", atMost: 1.3 }),
    await against("oneoff run --help, against bare Node", help, node, { of: "ratio", atMost: 1.6 }),
    await against("oneoff --version, against docker --version", version, dockerVersion),
  ];
};
