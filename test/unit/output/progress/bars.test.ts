import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { humanReport } from "../../../../src/output/human.ts";
import { progressBars } from "../../../../src/output/progress/bars.ts";
import { GLYPHS, PLAIN_STYLE, type Progress, progressText } from "../../../../src/output/progress/text.ts";
import { PLAIN } from "../../../../src/output/style.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const progress = (current: number, total: number | undefined = 100, item?: string): Progress => {
  return { type: "progress", operation: "pull", current, total, ...(item !== undefined && { item }) };
};
const finished = (given: Progress): Progress => ({ ...given, finished: true });
const line = (given: Progress, columns = 80) => progressText(given, { ...PLAIN_STYLE, columns });

/** A terminal; `fresh` returns what was written to it since the last call. */
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

test("draws a bar at intervals and removes it at the end", () => {
  const { report, fresh } = scene();
  report(progress(10));
  report(progress(50));
  expect(fresh()).toBe("");
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(line(progress(50)));
  report(progress(75));
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`\r\x1b[J${line(progress(75))}`);
  report(finished(progress(100)));
  expect(fresh()).toBe("\r\x1b[J");
  vi.advanceTimersByTime(5000);
  expect(fresh()).toBe("");
  expect(vi.getTimerCount()).toBe(0);
});

test("draws no bar for a short transfer", () => {
  const { report, fresh } = scene();
  report(progress(50));
  vi.advanceTimersByTime(99);
  report(finished(progress(100)));
  vi.advanceTimersByTime(5000);
  expect(fresh()).toBe("");
});

test("delays the bar of a repeated transfer as well", () => {
  const { report, fresh } = scene();
  report(progress(50));
  vi.advanceTimersByTime(150);
  report(finished(progress(50)));
  fresh();
  report(progress(1));
  vi.advanceTimersByTime(99);
  expect(fresh()).toBe("");
  vi.advanceTimersByTime(1);
  expect(fresh()).toBe(line(progress(1)));
});

test("draws nothing if nothing has changed", () => {
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

test("prints another line above the bar", () => {
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

test("draws several bars and removes each when it has finished", () => {
  const { report, fresh } = scene();
  const [a, b, c] = [progress(1, 100, "a"), progress(2, 100, "b"), progress(3, 100, "c")];
  for (const one of [a, b]) report(one);
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`${line(a)}\n${line(b)}`);
  report(c);
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`\r\x1b[1A\x1b[J${[a, b, c].map((one) => line(one)).join("\n")}`);
  report(finished(a));
  expect(fresh()).toBe(`\r\x1b[2A\x1b[J${line(b)}\n${line(c)}`);
  report(finished(c));
  report(finished(b));
  expect(fresh()).toBe(`\r\x1b[1A\x1b[J${line(b)}\r\x1b[J`);
  expect(vi.getTimerCount()).toBe(0);
});

test("draws as many bars as fit, the others later", () => {
  const { report, fresh } = scene(80, 3);
  const [a, b, c] = [progress(1, 100, "a"), progress(2, 100, "b"), progress(3, 100, "c")];
  for (const one of [a, b, c]) report(one);
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`${line(a)}\n${line(b)}`);
  report(finished(a));
  fresh();
  vi.advanceTimersByTime(100);
  expect(fresh()).toBe(`\r\x1b[J${line(b)}\n${line(c)}`);
});

test("erases wrapped lines after the window was made narrower", () => {
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

test("prints the remaining time once it can be estimated", () => {
  const { report, fresh } = scene();
  for (let second = 0; second <= 5; second += 1) {
    report(progress(second * 10));
    vi.advanceTimersByTime(1000);
  }
  expect(fresh()).toMatch(/ {2}50% of 100 B, \ds left$/);
});

test("draws nothing after a failure", () => {
  const { report, fresh } = scene();
  report(progress(50));
  vi.advanceTimersByTime(100);
  fresh();
  report({ type: "failed", code: "c", message: "no", next: "oneoff help", exitCode: 1 });
  expect(fresh()).toBe("\r\x1b[Joneoff: no\n  oneoff help\n");
  vi.advanceTimersByTime(5000);
  expect(fresh()).toBe("");
});
