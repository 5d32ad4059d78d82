import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { folder } from "../support/folder.ts";
import { BINARY, type Case } from "./bench.ts";
import { each, inTurns, type Row, type Target } from "./measure.ts";
import { GROWTH, peak } from "./memory.ts";
import { time } from "./process.ts";
import { openSinkEngine } from "./sink-engine.ts";

const AS_FAST: Target = { of: "ratio", atLeast: 1 };

/** The Dockerfile uses no file of the context, so that only the upload is measured. */
const DOCKERFILE = { Dockerfile: "FROM busybox:local\n", "oneoff.yaml": "app: bench-context\nbuild: .\n" };

const FILES = 32;

const rate = (bytes: number) => (ms: number) => bytes / 1e3 / ms;

/** @returns a build context of so many bytes, none of which can be left out. */
async function bulk(bytes: number) {
  const source = await folder(DOCKERFILE);
  const script = `for n in $(seq ${FILES}); do head -c ${bytes / FILES} /dev/urandom >part$n; done`;
  await time(["sh", "-ec", script], { cwd: source.path });
  return source;
}

/** @returns a build context of so many small files, a hundred in a folder. */
async function crowd(files: number) {
  const names = Array.from({ length: files / 100 }, (_, n) => `${n}/0`);
  const source = await folder({ ...DOCKERFILE, ...Object.fromEntries(names.map((name) => [name, "x"])) });
  for (const name of names) {
    const rest = Array.from({ length: 99 }, (_, n) => join(source.path, name, "..", String(n + 1)));
    await Promise.all(rest.map((path) => writeFile(path, "x")));
  }
  return source;
}

/** Measures the upload of the build context against docker's classic builder, which sends an archive too. */
export const context: Case = async ({ docker, env, cwd, pairs, quick }) => {
  const [client = ""] = docker([]);
  const [little, much] = [20e6, quick ? 200e6 : 1e9];
  const [few, many] = [1000, quick ? 10_000 : 100_000];
  await using small = await bulk(little);
  await using large = await bulk(much);
  await using sink = await openSinkEngine(join(cwd, "sink.sock"));
  const ours = [BINARY, "deploy", "--quiet", "--only", "build"];
  const theirs = [client, "build", "-q", "--no-cache", "."];
  const home = { ...env, DOCKER_BUILDKIT: "0", XDG_STATE_HOME: cwd, XDG_CONFIG_HOME: cwd };
  const toSink = { ...home, DOCKER_HOST: sink.host };

  const speed = async (name: string, where: typeof home, verify: () => void): Promise<Row> => {
    const measure = (argv: readonly string[]) => async () => {
      const ms = await time(argv, { env: where, cwd: large.path });
      verify();
      return ms;
    };
    const samples = await inTurns(pairs(5), measure(ours), measure(theirs));
    return { case: name, unit: "MB/s", ...each(samples, rate(much)), target: AS_FAST };
  };
  const memory = async (name: string, from: string, to: string, over: string): Promise<Row[]> => {
    const most = (argv: readonly string[]) => async () => ({
      little: await peak(argv, { env: toSink, cwd: from }),
      much: await peak(argv, { env: toSink, cwd: to }),
    });
    const peaks = await inTurns(pairs(1), most(ours), most(theirs));
    const growth = each(peaks, ({ little, much }) => much - little);
    return [
      { case: `peak memory, context of ${name}`, unit: "MB", ...each(peaks, ({ much }) => much) },
      { case: `its growth over ${over}`, unit: "MB", ...growth, ratioless: true, target: GROWTH },
    ];
  };

  const amount = `${much / 1e6} MB`;
  const rows = [
    await speed(`context of ${amount}, against the classic docker build`, home, () => {}),
    await speed(`context of ${amount} to a socket that only reads`, toSink, () => sink.verify(much)),
    ...(await memory(amount, small.path, large.path, "20 MB")),
  ];
  await using thousand = await crowd(few);
  await using crowded = await crowd(many);
  return [...rows, ...(await memory(`${many} files`, thousand.path, crowded.path, `${few} files`))];
};
