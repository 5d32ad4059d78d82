import { readFileSync } from "node:fs";
import type { Case } from "./bench.ts";
import { each, inTurns, type Row, type Target } from "./measure.ts";
import { drain, feed } from "./pipe.ts";
import { launch, type Streams } from "./process.ts";

/** How often a process is read, in ms. The peak only rises: only growth after the last reading is lost. */
const INTERVAL = 5;

/** @returns the peak resident memory of a process, in MB; undefined when it has ended. */
const highWater = (pid: number): number | undefined => {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
    return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / 1e6;
  } catch {
    return undefined;
  }
};

/** Runs a process to its end. @returns its duration, and its peak resident memory in MB. */
export const observe = async (argv: readonly string[], streams: Streams): Promise<{ ms: number; peak: number }> => {
  let peak = 0;
  const { pid = 0, done } = launch(argv, streams);
  const looking = setInterval(() => {
    peak = highWater(pid) ?? peak;
  }, INTERVAL);
  try {
    const { ms } = await done;
    return { ms, peak };
  } finally {
    clearInterval(looking);
  }
};

export const peakOf = async (argv: readonly string[], streams: Streams): Promise<number> =>
  (await observe(argv, streams)).peak;

export const GROWTH: Target = { of: "oneoff", atMost: 20 };

/** Checks whether a client buffers data: its peak for much, and the difference to its peak for little. */
export const memory: Case = async ({ oneoff, docker, env, cwd, pairs, quick, settle }) => {
  const [little, much] = [20e6, quick ? 100e6 : 500e6];

  const writing = (client: typeof oneoff, ...options: string[]) => {
    const once = async (bytes: number) => {
      const sink = drain();
      const command = ["head", "-c", String(bytes), "/dev/zero"];
      const most = await peakOf(client(command, ...options), { env, cwd, stdout: sink.stdout });
      await sink.verify(bytes);
      await settle();
      return most;
    };
    return async () => ({ little: await once(little), much: await once(much) });
  };
  const reading = (client: typeof oneoff, ...options: string[]) => {
    const once = async (bytes: number) => {
      const most = await peakOf(client(["sh", "-c", "cat >/dev/null"], ...options), { env, cwd, ...feed(bytes) });
      await settle();
      return most;
    };
    return async () => ({ little: await once(little), much: await once(much) });
  };

  const rows = async (name: string, ours: ReturnType<typeof writing>, theirs: typeof ours): Promise<Row[]> => {
    const peaks = await inTurns(pairs(1), ours, theirs);
    const growth = each(peaks, ({ little, much }) => much - little);
    return [
      { case: `peak memory, ${much / 1e6} MB of ${name}`, unit: "MB", ...each(peaks, ({ much }) => much) },
      { case: `its growth over 20 MB of ${name}`, unit: "MB", ...growth, ratioless: true, target: GROWTH },
    ];
  };
  return [
    ...(await rows("stdout", writing(oneoff), writing(docker, "--log-driver", "none"))),
    ...(await rows("stdin", reading(oneoff), reading(docker, "-i"))),
  ];
};
