import { BINARY, type Case, NODE } from "./bench.ts";
import { inTurns, type Row, type Target } from "./measure.ts";
import { time } from "./process.ts";

const TARGET: Target = { of: "ratio", atMost: 2 };

/** Measures the shortest output, from fork to exit. */
export const startUp: Case = async ({ env, cwd, pairs, docker }) => {
  const [client = ""] = docker([]);
  const measure =
    (...argv: string[]) =>
    () =>
      time(argv, { env, cwd });
  const version = measure(BINARY, "--version");
  const help = measure(BINARY, "run", "--help");
  const node = measure(NODE, "-e", "console.log(1)");
  const dockerVersion = measure(client, "--version");

  for (const warmUp of [version, help, node, dockerVersion]) await warmUp();
  const against = async (name: string, oneoff: typeof node, peer: typeof node, target?: Target): Promise<Row> => {
    return { case: name, unit: "ms", ...(await inTurns(pairs(20), oneoff, peer)), ...(target && { target }) };
  };
  return [
    await against("oneoff --version, against bare Node", version, node, TARGET),
    await against("oneoff run --help, against bare Node", help, node, TARGET),
    await against("oneoff --version, against docker --version", version, dockerVersion),
  ];
};
