import { expect, test } from "vitest";
import type { OutputLine } from "../../../../src/oneoff/logs/log-lines.ts";
import { mergeSources } from "../../../../src/oneoff/logs/merge-sources.ts";
import { timedLines } from "../../../../src/oneoff/logs/timed-lines.ts";

const line = (text: string): OutputLine => ({
  ...{ source: "app", app: "my-app", name: "web.1", containerId: "c", stream: "stdout" },
  ...{ time: text.split(" ")[0] ?? "", text },
});

/** A source of batches, and how many of them were read. */
function source(from: string, ...batches: string[][]) {
  const reads = { count: 0, isClosed: false };
  async function* lines() {
    const toTimed = timedLines();
    try {
      for (const batch of batches) {
        reads.count += 1;
        yield toTimed(batch.map(line));
      }
    } finally {
      reads.isClosed = true;
    }
  }
  return { from, lines: lines(), reads };
}

const merged = async (...sources: ReturnType<typeof source>[]) =>
  (await Array.fromAsync(mergeSources(sources))).flat().map((one) => one.source === "app" && one.text);

test("merges sources by time, and keeps the order of each", async () => {
  const [a, b] = [source("0", ["1 a", "4 a"], [], ["3 late", "6 a"]), source("0", ["2 b", "4 b", "5 b"])];
  expect(await merged(a, b)).toEqual(["1 a", "2 b", "4 a", "3 late", "4 b", "5 b", "6 a"]);
});

test("merges nothing", async () => {
  expect(await merged()).toEqual([]);
  expect(await merged(source("0"), source("0", []))).toEqual([]);
});

test("reads a source only when the merge has reached its beginning, and holds one batch of each", async () => {
  const batches = Array.from({ length: 5 }, (_, batch) => Array.from({ length: 1000 }, () => `${batch + 1}`));
  const [early, same, late] = [source("0", ...batches), source("0", ...batches), source("4", ["4 late"])];
  const lines = mergeSources([early, same, late]);
  await lines.next();
  expect([early.reads.count, same.reads.count, late.reads.count]).toEqual([1, 1, 0]);
  await lines.return(undefined);
  expect([early.reads.isClosed, same.reads.isClosed]).toEqual([true, true]);
});

test("merges 100,000 lines of ten sources", async () => {
  const texts = (index: number) =>
    Array.from({ length: 10_000 }, (_, n) => `${String(n * 7 + ((index * 3) % 7)).padStart(6, "0")} ${index}`);
  const sources = Array.from({ length: 10 }, (_, index) => source("0", texts(index)));
  const all = await merged(...sources);
  expect(all).toHaveLength(100_000);
  const times = all.map((text) => String(text).slice(0, 6));
  expect(times).toEqual(times.toSorted());
});
