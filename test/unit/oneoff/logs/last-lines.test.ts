import { expect, test } from "vitest";
import { LastLines } from "../../../../src/oneoff/logs/last-lines.ts";
import type { OutputLine } from "../../../../src/oneoff/logs/log-lines.ts";
import { timedLines } from "../../../../src/oneoff/logs/timed-lines.ts";

const place = { app: "my-app", name: "run.7364", containerId: "c" };
const out = (time: string, text = "text"): OutputLine => ({ source: "app", time, ...place, stream: "stdout", text });

/** Adds a line of a source of its own. */
const add = (last: LastLines, line: OutputLine) => last.add(timedLines()([line]));

test("keeps the last lines by time, equal times in their order", () => {
  const last = new LastLines(3);
  for (const [time, text] of [
    ["5", "e"],
    ["1", "a"],
    ["3", "b"],
    ["3", "c"],
    ["4", "d"],
  ] as const)
    add(last, out(time, text));
  expect(last.all()).toEqual([out("3", "c"), out("4", "d"), out("5", "e")]);
});

test("keeps no lines and all lines", () => {
  const [none, all] = [new LastLines(0), new LastLines(Number.POSITIVE_INFINITY)];
  for (let n = 5000; n > 0; n -= 1) for (const lines of [none, all]) add(lines, out(String(n).padStart(4, "0")));
  expect(none.all()).toEqual([]);
  expect(none.needs("9999")).toBe(false);
  expect(all.all()).toHaveLength(5000);
  expect(all.all()[0]).toEqual(out("0001"));
  expect(all.needs("0")).toBe(true);
});

test("holds only as many of a million lines as requested, and knows which are needed", () => {
  const last = new LastLines(10);
  expect(last.needs("0")).toBe(true);
  for (let n = 0; n < 1_000_000; n += 1) add(last, out(String(n).padStart(7, "0")));
  expect(last.all().map(({ time }) => time)).toEqual(
    Array.from({ length: 10 }, (_, n) => String(999_990 + n).padStart(7, "0")),
  );
  expect(last.needs("0999989")).toBe(false);
  expect(last.needs("0999990")).toBe(true);
});

test("keeps the order of one source, even if its times decrease", () => {
  const last = new LastLines(3);
  last.add(timedLines()([out("1", "a"), out("5", "b"), out("4", "c"), out("6", "d")]));
  add(last, out("5", "other"));
  expect(last.all().map((line) => line.source === "app" && line.text)).toEqual(["c", "other", "d"]);
});
