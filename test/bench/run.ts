import type { Case } from "./bench.ts";
import { inTurns, type Row, type Target } from "./measure.ts";
import { time } from "./process.ts";

/** The shortest run possible: it measures only the round trips. */
export const run: Case = async ({ oneoff, docker, env, cwd, pairs, settle }) => {
  const against = async (name: string, options: string[], target?: Target): Promise<Row> => {
    const measure = (argv: string[]) => async () => {
      const ms = await time(argv, { env, cwd });
      await settle();
      return ms;
    };
    const [ours, theirs] = [measure(oneoff(["true"], ...options)), measure(docker(["true"], ...options))];
    await ours();
    await theirs();
    return { case: name, unit: "ms", ...(await inTurns(pairs(20), ours, theirs)), ...(target && { target }) };
  };
  return [
    await against("run true, against docker run --rm", [], { of: "ratio", atMost: 1.25 }),
    await against("run true on the host's network", ["--network", "host"]),
  ];
};
