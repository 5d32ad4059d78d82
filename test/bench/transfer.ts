import { rmSync } from "node:fs";
import { join } from "node:path";
import { removeByLabel } from "../support/docker-api.ts";
import { BINARY, type Case, IMAGE } from "./bench.ts";
import { each, inTurns, type Row, type Target } from "./measure.ts";
import { GROWTH, peakOf } from "./memory.ts";
import { launch, time } from "./process.ts";

const AS_FAST: Target = { of: "ratio", atLeast: 1 };

/** @returns MB (of 10^6 bytes) a second of the whole process. */
const rate = (bytes: number) => (ms: number) => bytes / 1e3 / ms;

/** Measures files on their way into a container and out of it, against docker cp, and whether a client buffers them. */
export const transfer: Case = async ({ oneoff, client, env, cwd, pairs, quick, host, label, settle }) => {
  const sizes = { little: 20e6, much: quick ? 100e6 : 500e6 };
  type Size = keyof typeof sizes;
  // Random bytes, which no client can compress or skip.
  for (const [name, bytes] of Object.entries(sizes))
    await time(["sh", "-c", `head -c ${bytes} /dev/urandom >${name}`], { cwd });
  const { stdout } = await launch(oneoff(["sleep", "100000"], "--detach", "--quiet"), { env, cwd }).done;
  const id = stdout.trim();

  const inTo = (size: Size) => ({
    ours: [BINARY, "cp", "--quiet", "--force", size, `${id}:/tmp/`],
    theirs: [client, "cp", size, `${id}:/tmp/`],
  });
  const outOf = (size: Size) => ({
    ours: [BINARY, "cp", "--quiet", "--force", `${id}:/tmp/${size}`, "ours"],
    theirs: [client, "cp", `${id}:/tmp/${size}`, "theirs"],
  });
  const beforeStart = (size: Size) => ({
    ours: oneoff(["true"], "--quiet", "--file", size),
    theirs: [
      ...[
        "sh",
        "-ec",
        `id=$("$1" create --label "$2" "$3" true); "$1" cp ${size} $id:/tmp/; "$1" start -a $id; "$1" rm $id`,
      ],
      ...["sh", client, label, IMAGE],
    ],
  });

  const clean = () => {
    for (const brought of ["ours", "theirs"]) rmSync(join(cwd, brought), { force: true });
  };
  const speed = async (name: string, ways: typeof inTo): Promise<Row> => {
    const measure = (argv: readonly string[]) => async () => {
      const ms = await time(argv, { env, cwd });
      clean();
      return ms;
    };
    const { ours, theirs } = ways("much");
    const samples = await inTurns(pairs(3), measure(ours), measure(theirs));
    return { case: name, unit: "MB/s", ...each(samples, rate(sizes.much)), target: AS_FAST };
  };
  const memory = async (name: string, ways: typeof inTo): Promise<Row[]> => {
    const most = (side: "ours" | "theirs") => async () => {
      const little = await peakOf(ways("little")[side], { env, cwd });
      const much = await peakOf(ways("much")[side], { env, cwd });
      clean();
      return { little, much };
    };
    const peaks = await inTurns(pairs(1), most("ours"), most("theirs"));
    const growth = each(peaks, ({ little, much }) => much - little);
    return [
      { case: `peak memory, ${name}`, unit: "MB", ...each(peaks, ({ much }) => much) },
      { case: "its growth over 20 MB", unit: "MB", ...growth, ratioless: true, target: GROWTH },
    ];
  };

  const amount = `${sizes.much / 1e6} MB`;
  try {
    // The first transfer brings a file in that all others use.
    await time(inTo("little").theirs, { env, cwd });
    const rows = [
      await speed(`upload of ${amount}, against docker cp`, inTo),
      await speed(`download of ${amount}, against docker cp`, outOf),
      await speed(`run --file of ${amount}, against docker create, cp, start, rm`, beforeStart),
      ...(await memory(`upload of ${amount}`, inTo)),
      ...(await memory(`download of ${amount}`, outOf)),
    ];
    return rows;
  } finally {
    await removeByLabel(host, label);
    await settle();
    for (const name of Object.keys(sizes)) rmSync(join(cwd, name));
  }
};
