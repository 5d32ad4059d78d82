import { expect, test } from "vitest";
import type { LifecycleLine, LifecycleStep, OutputLine } from "../../../../src/oneoff/logs/log-lines.ts";
import { mergeLines } from "../../../../src/oneoff/logs/merge-lines.ts";

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
  return lines.flat().map((line) => `${line.time} ${line.source === "app" ? line.text : line.step.event}`);
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
