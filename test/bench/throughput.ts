import type { Bench, Case } from "./bench.ts";
import { each, inTurns, type Row, type Target } from "./measure.ts";
import { drain, feed } from "./pipe.ts";
import { time } from "./process.ts";

/** A command that writes so many bytes: numbers resemble real output, zeros show the client's maximum. */
interface Source {
  readonly name: string;
  readonly command: readonly string[];
  readonly bytes: number;
}

const numbers = (last: number, bytes: number): Source => ({
  name: `stdout, ${Math.round(bytes / 1e6)} MB of seq`,
  command: ["seq", "1", String(last)],
  bytes,
});

export const zeros = (bytes: number): Source => ({
  name: `stdout, ${bytes / 1e6} MB of zeros`,
  command: ["head", "-c", String(bytes), "/dev/zero"],
  bytes,
});

/** @returns MB (of 10^6 bytes) a second of the whole process. */
const rate = (bytes: number) => (ms: number) => bytes / 1e3 / ms;

export const stdout: Case = async (bench) => {
  const { oneoff, docker, env, cwd, pairs, quick, settle } = bench;
  const read = (argv: string[], bytes: number) => async () => {
    const sink = drain();
    const ms = await time(argv, { env, cwd, stdout: sink.stdout });
    await sink.verify(bytes);
    await settle();
    return ms;
  };
  const against = async (usual: number, source: Source, options: string[], target?: Target): Promise<Row> => {
    const { name, command, bytes } = source;
    const ours = read(oneoff(command), bytes);
    const theirs = read(docker(command, ...options), bytes);
    const samples = await inTurns(pairs(usual), ours, theirs);
    const peer = ["docker run", ...options].join(" ");
    return { case: `${name}, against ${peer}`, unit: "MB/s", ...each(samples, rate(bytes)), ...(target && { target }) };
  };
  const little = numbers(2_000_000, 14_888_896);
  const unlogged = ["--log-driver", "none"];
  return [
    await against(4, quick ? little : numbers(20_000_000, 168_888_897), unlogged, { of: "ratio", atLeast: 1.05 }),
    await against(4, little, [], { of: "ratio", atLeast: 3 }),
    await against(2, zeros(quick ? 100e6 : 500e6), unlogged),
  ];
};

export const stdin: Case = async ({ oneoff, docker, env, cwd, pairs, quick, settle }: Bench) => {
  const bytes = quick ? 50e6 : 500e6;
  const command = ["sh", "-c", "cat >/dev/null"];
  const write = (argv: string[]) => async () => {
    const ms = await time(argv, { env, cwd, ...feed(bytes) });
    await settle();
    return ms;
  };
  const samples = await inTurns(pairs(3), write(oneoff(command)), write(docker(command, "-i")));
  const target: Target = { of: "ratio", atLeast: 0.9 };
  const name = `stdin, ${bytes / 1e6} MB of zeros, against docker run -i`;
  return [{ case: name, unit: "MB/s", ...each(samples, rate(bytes)), target }];
};
