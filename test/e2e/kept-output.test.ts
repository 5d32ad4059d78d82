import { createHash } from "node:crypto";
import { describe, expect, inject, test } from "vitest";
import { needs } from "../support/capabilities.ts";
import { oneoffSuite } from "../support/oneoff-suite.ts";
import { start } from "../support/process.ts";
import { quickAndFull } from "../support/quick.ts";

const host = inject("engineHost");
const suite = oneoffSuite(host);

/** The one-offs of a test, which removes them, since they are kept. */
const scene = () => suite.apart();

/** The output of a command, in bytes. */
async function printed(argv: readonly string[]) {
  const { code, stdout, stderr } = await (await start(argv, { env: { DOCKER_HOST: host }, timeout: 120_000 })).done;
  return { code, size: stdout.length, md5: createHash("md5").update(stdout).digest("hex"), stderr: stderr.toString() };
}

const oneoff = (...args: string[]) => printed([...suite.argv([]).slice(0, 1), ...args]);

const LONG_LINE = "head -c 40000 /dev/zero | tr '\\0' x; echo";

describe("log of a detached one-off", () => {
  for (const [scope, rows] of quickAndFull(
    [
      ["bytes that are not UTF-8", "seq 300000 | gzip -c"],
      ["lines of 40 KB", `for n in 1 2 3 4 5 6 7 8; do ${LONG_LINE}; echo $n; done`],
      ["a long line without its end", "echo start; head -c 40000 /dev/zero | tr '\\0' x"],
      ["2 MB of short lines", "seq 300000"],
      ["1 MB on both channels", "seq 75000; seq 75000 >&2"],
    ],
    1,
  ))
    test.concurrent.each(rows)(
      "keeps every byte in the log of a detached one-off: %s",
      scope,
      async (_what, script) => {
        await using s = scene();
        const container = await s.detached(["app", "sh", "-c", `${script}; exit 3`]);
        const live = await printed(s.argv(["--quiet", "app", "sh", "-c", `${script}; exit 3`]));
        expect(live.size).toBeGreaterThan(40_000);
        await s.oneoff(["wait", container]);
        expect(await oneoff("attach", container)).toEqual(live);
        expect(await oneoff("logs", "--raw", container)).toEqual({ ...live, code: 0 });
      },
    );

  test.concurrent("keeps no doubled line feed in the log of a one-off with a TTY", async () => {
    await using s = scene();
    const script = `${LONG_LINE}; seq 20000`;
    const container = await s.detached(["--tty", "app", "sh", "-c", script]);
    const live = await printed(s.argv(["--tty", "--quiet", "app", "sh", "-c", script]));
    await s.oneoff(["wait", container]);
    expect(await oneoff("attach", container)).toEqual(live);
    expect(await oneoff("logs", "--raw", container)).toEqual(live);
  });
});

const GONE =
  /^oneoff: warning: The log of run\.\d+ is full: output before \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ may have been removed\n$/;

test("reports once that a log has lost its beginning", { ...needs("rotated logs"), tags: ["full"] }, async () => {
  await using s = scene();
  const line = "x".repeat(15_000);
  const script = `seq 5000 | sed s/$/${line}/; sleep 600`;
  const container = await s.detached(["app", "sh", "-c", script]);
  await expect
    .poll(async () => (await oneoff("logs", "--raw", "-n", "1", container)).size, { timeout: 60_000 })
    .toBe(4 + line.length + 1);
  await expect.poll(async () => (await s.oneoff(["logs", "--raw", "-n", "1", container])).stdout).toMatch(/^5000x/);
  const raw = await oneoff("logs", "--raw", container);
  expect(raw.size).toBeGreaterThan(50_000_000);
  expect(raw.size).toBeLessThan(5000 * line.length);
  expect(raw.stderr).toMatch(GONE);
  expect((await oneoff("logs", "-n", "100000", container)).stderr).toMatch(GONE);
  expect((await oneoff("logs", "-n", "10", container)).stderr).toBe("");
  await s.oneoff(["stop", container]);
  expect((await oneoff("attach", container)).stderr).toMatch(GONE);
});

describe("log while it is written", () => {
  const bodies = { "90 bytes": "seq 60000 | awk '{ printf \"%089d\\n\", $1 }'", "seq 1 75000": "seq 1 75000" };
  const widths = { "90 bytes": 89, "seq 1 75000": 0 };
  const counts = { "90 bytes": 60_000, "seq 1 75000": 75_000 };

  for (const [scope, rows] of quickAndFull(
    [
      ["seq 1 75000", false],
      ["90 bytes", false],
      ["90 bytes", true],
      ["seq 1 75000", true],
    ] as const,
    1,
  ))
    test.each(rows)(
      "delivers each line exactly once while it is written: lines of %s, with a TTY: %s",
      scope,
      async (what, tty) => {
        await using s = scene();
        const expected = Array.from({ length: counts[what] }, (_, n) => String(n + 1).padStart(widths[what], "0"));
        const options = tty ? ["--tty"] : [];
        const container = await s.detached([...options, "app", "sh", "-c", `${bodies[what]}; exit 7`]);
        const [attached, followed, raw] = await Promise.all([
          s.oneoff(["attach", "--quiet", container]),
          s.oneoff(["logs", "-f", "-n", "1000000", container]),
          s.oneoff(["logs", "-f", "--raw", container]),
        ]);
        const text = `${expected.join(tty ? "\r\n" : "\n")}${tty ? "\r\n" : "\n"}`;
        const digest = (output: string) => createHash("md5").update(output).digest("hex");
        expect([attached.code, attached.stderr, digest(attached.stdout)]).toEqual([7, "", digest(text)]);
        expect([raw.code, raw.stderr, digest(raw.stdout)]).toEqual([0, "", digest(text)]);
        const lines = followed.stdout
          .split("\n")
          .flatMap((line) => /^\S+ app\[run\.\d+\]: (\d+)$/.exec(line)?.[1] ?? []);
        expect([followed.code, followed.stderr, lines.length]).toEqual([0, "", expected.length]);
        expect(digest(lines.join())).toBe(digest(expected.join()));
      },
    );
});
