import { expect, test } from "vitest";
import type { LifecycleLine, LifecycleStep, OutputLine } from "../../../../src/oneoff/logs/log-lines.ts";
import { LastLines, mergeLines } from "../../../../src/oneoff/logs/merge-lines.ts";

const place = { app: "my-app", name: "run.7364", containerId: "c" };
const step = (time: string, step: LifecycleStep): LifecycleLine => ({ source: "oneoff", time, ...place, step });
const out = (time: string, text = "text"): OutputLine => ({ source: "app", time, ...place, stream: "stdout", text });

const starting = step("1", { event: "starting", command: "x", user: undefined });
const up = (time: string) => step(time, { event: "state-changed", from: "starting", to: "up" });
const stopping = (time: string) => step(time, { event: "stopping", signal: "SIGTERM" });
const exited = (time: string) => step(time, { event: "exited", exitCode: 0, oomKilled: false });

async function ordered(life: LifecycleLine[], ...batches: OutputLine[][]) {
  const lines = await Array.fromAsync(
    mergeLines(
      life,
      (async function* () {
        yield* batches;
      })(),
    ),
  );
  return lines.map((line) => `${line.time} ${line.source === "app" ? line.text : line.step.event}`);
}

test("puts output between start and exit", async () => {
  expect(await ordered([starting, up("2"), exited("5")], [out("3", "a"), out("3", "b")], [out("4", "c")])).toEqual([
    "1 starting",
    "2 state-changed",
    "3 a",
    "3 b",
    "4 c",
    "5 exited",
  ]);
});

test("puts output after the start and before the exit, whatever the clocks", async () => {
  expect(await ordered([starting, up("4"), exited("5")], [out("3", "a"), out("6", "b")])).toEqual([
    "1 starting",
    "3 state-changed",
    "3 a",
    "6 b",
    "6 exited",
  ]);
});

test("puts a stop at its time", async () => {
  expect(await ordered([starting, up("2"), stopping("4"), exited("6")], [out("3", "a"), out("5", "b")])).toEqual([
    "1 starting",
    "2 state-changed",
    "3 a",
    "4 stopping",
    "5 b",
    "6 exited",
  ]);
});

test("never lets times decrease, even without output", async () => {
  expect(await ordered([starting, up("3"), exited("2")])).toEqual(["1 starting", "3 state-changed", "3 exited"]);
});

test("keeps the last lines by time, equal times in their order", () => {
  const last = new LastLines(3);
  for (const [time, text] of [
    ["5", "e"],
    ["1", "a"],
    ["3", "b"],
    ["3", "c"],
    ["4", "d"],
  ] as const)
    last.add(out(time, text));
  expect(last.all()).toEqual([out("3", "c"), out("4", "d"), out("5", "e")]);
});

test("keeps no lines and all lines", () => {
  const [none, all] = [new LastLines(0), new LastLines(Number.POSITIVE_INFINITY)];
  for (let n = 5000; n > 0; n -= 1) for (const lines of [none, all]) lines.add(out(String(n).padStart(4, "0")));
  expect(none.all()).toEqual([]);
  expect(none.needs("9999")).toBe(false);
  expect(all.all()).toHaveLength(5000);
  expect(all.all()[0]).toEqual(out("0001"));
  expect(all.needs("0")).toBe(true);
});

test("holds only as many of a million lines as requested, and knows which are needed", () => {
  const last = new LastLines(10);
  expect(last.needs("0")).toBe(true);
  for (let n = 0; n < 1_000_000; n += 1) last.add(out(String(n).padStart(7, "0")));
  expect(last.all().map(({ time }) => time)).toEqual(
    Array.from({ length: 10 }, (_, n) => String(999_990 + n).padStart(7, "0")),
  );
  expect(last.needs("0999989")).toBe(false);
  expect(last.needs("0999990")).toBe(true);
});
