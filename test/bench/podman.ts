import { debianRoot } from "../support/debian-root.ts";
import { type Bench, type Case, IMAGE, onEngine } from "./bench.ts";
import { inTurns, notMeasured, type Row } from "./measure.ts";
import { time } from "./process.ts";

const KIND = "podman-5.8";
const NAME = `run true, ${KIND}, against podman --remote run --rm`;

/** Podman's client, with the C library of the Debian that it is from. */
const clientIn = (root: string): readonly string[] => [
  ...[`${root}/usr/lib64/ld-linux-x86-64.so.2`, "--library-path", `${root}/usr/lib/x86_64-linux-gnu`],
  ...[`${root}/usr/bin/podman`, "--remote"],
];

const measureWith =
  (podman: readonly string[]): Case =>
  async ({ oneoff, host, label, env, cwd, pairs, settle }: Bench): Promise<Row[]> => {
    const measure = (argv: readonly string[]) => async () => {
      const ms = await time(argv, { env, cwd });
      await settle();
      return ms;
    };
    const ours = measure(oneoff(["true"]));
    const theirs = measure([...podman, "--url", host, "run", "--rm", "--label", label, IMAGE, "true"]);
    for (const warmUp of [ours, theirs]) await warmUp();
    return [{ case: NAME, unit: "ms", ...(await inTurns(pairs(20), ours, theirs)) }];
  };

export const podman: Case = async (bench) => {
  const root = await debianRoot("forky").catch((error: Error) => error);
  if (root instanceof Error) return notMeasured([NAME], root);
  return await onEngine(bench, KIND, [NAME], measureWith(clientIn(root)));
};
