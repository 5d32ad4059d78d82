import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { folder } from "../support/folder.ts";
import { type Bench, BINARY, type Case } from "./bench.ts";
import { each, inTurns, type Row, type Target } from "./measure.ts";
import { GROWTH, observe } from "./memory.ts";
import { time } from "./process.ts";
import { openSinkEngine } from "./sink-engine.ts";

const FASTER: Target = { of: "ratio", atLeast: 1.1 };

const dockerfile = (text: string) => ({ Dockerfile: text, "oneoff.yaml": "app: bench-context\nbuild: .\n" });

/** Takes all of the context, also from a builder that takes only what it needs. */
const COPY = dockerfile("FROM busybox:local\nCOPY . /context\n");

/** Uses no file of the context: the classic builder copies 100,000 files in minutes. */
const NO_COPY = dockerfile("FROM busybox:local\n");

const PARTS = 32;

/** @returns a build context of so many bytes, none of which can be left out. */
async function bulk(bytes: number) {
  const source = await folder(COPY);
  const script = `for n in $(seq ${PARTS}); do head -c ${bytes / PARTS} /dev/urandom >part$n; done`;
  await time(["sh", "-ec", script], { cwd: source.path });
  return source;
}

/** @returns a build context of so many small files, a hundred in a folder. */
async function crowd(files: number) {
  const names = Array.from({ length: files / 100 }, (_, n) => `${n}/0`);
  const source = await folder({ ...NO_COPY, ...Object.fromEntries(names.map((name) => [name, "x"])) });
  for (const name of names) {
    const rest = Array.from({ length: 99 }, (_, n) => join(source.path, name, "..", String(n + 1)));
    await Promise.all(rest.map((path) => writeFile(path, "x")));
  }
  return source;
}

/** Build contexts that differ in size only. */
interface Contexts {
  readonly make: typeof bulk;
  readonly unit: "MB/s" | "files/s";
  readonly little: number;
  readonly much: number;
  readonly name: (size: number) => string;
  /** How many of a unit a context has. */
  readonly amount: (size: number) => number;
  /** The least number of bytes that arrive. */
  readonly bytes: (size: number) => number;
  readonly growth: Target;
}

/**
 * Measures a build of the context against docker's classic builder, which receives an archive; and the upload of an archive
 * alone.
 */
const measure = async ({ client, env, cwd, pairs }: Bench, contexts: Contexts): Promise<Row[]> => {
  const { make, unit, little, much, name, amount, bytes, growth } = contexts;
  await using small = await make(little);
  await using large = await make(much);
  await using sink = await openSinkEngine(join(cwd, "sink.sock"));
  const classic = { ...env, DOCKER_BUILDKIT: "0" };
  const toSink = { ...classic, DOCKER_HOST: sink.host };
  const rate = (ms: number) => (amount(much) / ms) * 1e3;
  const ours = [BINARY, "deploy", "--quiet", "--only", "build", "--no-cache"];
  const theirs = [client, "build", "-q", "--no-cache", "."];

  const build = (argv: readonly string[]) => () => time(argv, { env: classic, cwd: large.path });
  const built = await inTurns(pairs(3), build(ours), build(theirs));
  const upload = (argv: readonly string[]) => async () => {
    const few = await observe(argv, { env: toSink, cwd: small.path });
    const many = await observe(argv, { env: toSink, cwd: large.path });
    sink.verify(bytes(much));
    return { ms: many.ms, peak: many.peak, growth: many.peak - few.peak };
  };
  const sent = await inTurns(pairs(2), upload(ours), upload(theirs));
  return [
    {
      ...{ case: `context of ${name(much)}, against the classic docker build`, unit, target: FASTER },
      ...each(built, rate),
    },
    { case: "the same to a socket that only reads", unit, ...each(sent, ({ ms }) => rate(ms)) },
    { case: "its peak memory", unit: "MB", ...each(sent, ({ peak }) => peak) },
    {
      ...{ case: `the growth of that over ${name(little)}`, unit: "MB", ratioless: true, target: growth },
      ...each(sent, ({ growth }) => growth),
    },
  ];
};

export const context: Case = (bench) =>
  measure(bench, {
    ...{ make: bulk, unit: "MB/s", little: 20e6, much: bench.quick ? 200e6 : 1e9, growth: GROWTH },
    name: (bytes) => `${bytes / 1e6} MB`,
    amount: (bytes) => bytes / 1e6,
    bytes: (bytes) => bytes,
  });

/** A header and a block for each file. */
export const files: Case = (bench) =>
  measure(bench, {
    ...{ make: crowd, unit: "files/s", little: 1000, much: bench.quick ? 10_000 : 100_000 },
    growth: { of: "oneoff", atMost: 15 },
    name: (count) => `${count} small files`,
    amount: (count) => count,
    bytes: (count) => count * 1024,
  });
