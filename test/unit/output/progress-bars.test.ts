import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { humanReport } from "../../../src/output/human.ts";
import { progressBars } from "../../../src/output/progress-bars.ts";
import { GLYPHS, PLAIN_LOOK, type Progress, progressText } from "../../../src/output/progress-text.ts";
import { PLAIN } from "../../../src/output/style.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const progress = (current: number, total: number | undefined = 100, item?: string): Progress => {
  return { type: "progress", operation: "pull", current, total, ...(item !== undefined && { item }) };
};
const over = (given: Progress): Progress => ({ ...given, finished: true });
const line = (given: Progress, columns = 80) => progressText(given, { ...PLAIN_LOOK, columns });

/** A terminal of so many columns and rows, and what has been written to it since it was last asked. */
function scene(columns = 80, rows = 24) {
  let written = "";
  const size = { columns, rows };
  const screen = {
    write: (text: string) => {
      written += text;
    },
    columns: () => size.columns,
    rows: () => size.rows,
  };
  const view = progressBars(screen, { glyphs: GLYPHS.ascii, style: PLAIN }, Date.now);
  const report = humanReport((line) => screen.write(`${line}\n`), PLAIN, view);
  return {
    size,
    report,
    fresh() {
      const fresh = written;
      written = "";
      return fresh;
    },
  };
}

test("a bar is drawn now and then, with what is so then, and is gone in the end", () => {
  const { report, fresh } = scene();
  report(progress(10));
  report(progress(50));
  expect(fresh()).toBe("");
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(line(progress(50)));
  report(progress(75));
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`\r\x1b[J${line(progress(75))}`);
  report(over(progress(100)));
  expect(fresh()).toBe("\r\x1b[J");
  vi.advanceTimersByTime(5000);
  expect(fresh()).toBe("");
  expect(vi.getTimerCount()).toBe(0);
});

test("what is over at once is not drawn", () => {
  const { report, fresh } = scene();
  report(progress(50));
  vi.advanceTimersByTime(99);
  report(over(progress(100)));
  vi.advanceTimersByTime(5000);
  expect(fresh()).toBe("");
});

test("it begins anew after it was over", () => {
  const { report, fresh } = scene();
  report(progress(50));
  vi.advanceTimersByTime(150);
  report(over(progress(50)));
  fresh();
  report(progress(1));
  vi.advanceTimersByTime(99);
  expect(fresh()).toBe("");
  vi.advanceTimersByTime(1);
  expect(fresh()).toBe(line(progress(1)));
});

test("what has not changed is not drawn again", () => {
  const { report, fresh, size } = scene();
  report(progress(50));
  vi.advanceTimersByTime(100);
  fresh();
  vi.advanceTimersByTime(1000);
  expect(fresh()).toBe("");
  size.columns = 79;
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`\r\x1b[J${line(progress(50))}`);
});

test("another line takes its place, and it comes back below", () => {
  const { report, fresh } = scene();
  report(progress(50));
  vi.advanceTimersByTime(100);
  fresh();
  report({ type: "warning", message: "oh" });
  report({ type: "warning", message: "no" });
  expect(fresh()).toBe("\r\x1b[Joneoff: warning: oh\noneoff: warning: no\n");
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(line(progress(50)));
});

test("there are several at once, which come and go", () => {
  const { report, fresh } = scene();
  const [a, b, c] = [progress(1, 100, "a"), progress(2, 100, "b"), progress(3, 100, "c")];
  for (const one of [a, b]) report(one);
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`${line(a)}\n${line(b)}`);
  report(c);
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`\r\x1b[1A\x1b[J${[a, b, c].map((one) => line(one)).join("\n")}`);
  report(over(a));
  expect(fresh()).toBe(`\r\x1b[2A\x1b[J${line(b)}\n${line(c)}`);
  report(over(c));
  report(over(b));
  expect(fresh()).toBe(`\r\x1b[1A\x1b[J${line(b)}\r\x1b[J`);
  expect(vi.getTimerCount()).toBe(0);
});

test("there are no more than there is room for; the others come when it is", () => {
  const { report, fresh } = scene(80, 3);
  const [a, b, c] = [progress(1, 100, "a"), progress(2, 100, "b"), progress(3, 100, "c")];
  for (const one of [a, b, c]) report(one);
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`${line(a)}\n${line(b)}`);
  report(over(a));
  fresh();
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`\r\x1b[J${line(b)}\n${line(c)}`);
});

test("a window that is made narrower is drawn for as it is, and what it has broken in two is erased", () => {
  const { report, fresh, size } = scene(80);
  report(progress(50));
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(line(progress(50)));
  size.columns = 20;
  vi.advanceTimersByTime(100);
  // 45 columns are three lines of 20.
  expect(fresh()).toBe(`\r\x1b[2A\x1b[J${line(progress(50), 20)}`);
  size.columns = 80;
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`\r\x1b[J${line(progress(50))}`);
});

test("the time that is left is told when it can be known", () => {
  const { report, fresh } = scene();
  for (let second = 0; second <= 5; second += 1) {
    report(progress(second * 10));
    vi.advanceTimersByTime(1000);
  }
  expect(fresh()).toMatch(/ {2}50% of 100 B, \ds left$/);
});

test("after a failure nothing is drawn any more", () => {
  const { report, fresh } = scene();
  report(progress(50));
  vi.advanceTimersByTime(100);
  fresh();
  report({ type: "failed", code: "c", message: "no", next: "oneoff help", exitCode: 1 });
  expect(fresh()).toBe("\r\x1b[Joneoff: no\n  oneoff help\n");
  vi.advanceTimersByTime(5000);
  expect(fresh()).toBe("");
});
