import { type Bench, type Case, onEngine } from "./bench.ts";
import { inTurns, type Row } from "./measure.ts";
import { time } from "./process.ts";

/** The networks, and the most that a run may take of the peer's time. */
const NETWORKS = { bridge: 1.08, host: 1.18 } as const;
type Network = keyof typeof NETWORKS;

const nameOf = (network: Network, engine: string) => `run true, ${engine}, ${network} network, against docker run --rm`;

/** The shortest run possible: it measures only the round trips. */
const shortest = async ({ engine, oneoff, docker, env, cwd, pairs, settle }: Bench): Promise<Row[]> => {
  const against = async (network: Network): Promise<Row> => {
    const measure = (argv: string[]) => async () => {
      const ms = await time(argv, { env, cwd });
      await settle();
      return ms;
    };
    // A bridge is the default of the engine.
    const options = network === "bridge" ? [] : ["--network", network];
    const [ours, theirs] = [measure(oneoff(["true"], ...options)), measure(docker(["true"], ...options))];
    for (const warmUp of [ours, theirs]) await warmUp();
    const target = { of: "ratio", atMost: NETWORKS[network] } as const;
    return { case: nameOf(network, engine), unit: "ms", ...(await inTurns(pairs(20), ours, theirs)), target };
  };
  return [await against("bridge"), await against("host")];
};

const NEWER = "docker-28.5";

export const run: Case = async (bench) => {
  const names = (["bridge", "host"] as const).map((network) => nameOf(network, NEWER));
  return [...(await shortest(bench)), ...(await onEngine(bench, NEWER, names, shortest))];
};
