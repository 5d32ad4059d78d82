import { expect, test } from "vitest";
import { parseBytes, parseCount, parseDuration, parseNanoCpus, timerMs } from "../../../src/app/units.ts";

test.each([
  ["1073741824", 2 ** 30],
  ["512m", 2 ** 29],
  ["512MiB", 2 ** 29],
  ["1.5 GB", 1.5 * 2 ** 30],
  ["64k", 2 ** 16],
  ["1T", 2 ** 40],
])("parses %j as %d bytes", (text, bytes) => expect(parseBytes(text, "--memory")).toBe(bytes));

test.each([
  ["0.5", 5e8],
  ["2", 2e9],
  [".25", 25e7],
])("parses %j as %d billionths of a processor", (text, nano) => expect(parseNanoCpus(text, "--cpus")).toBe(nano));

test.each([
  ["90s", 90],
  ["90", 90],
  ["10m", 600],
  ["1h30m", 5400],
  ["1h30m5s", 5405],
  ["2d", 172_800],
  ["24d", 2_073_600],
])("parses %j as %d seconds", (text, seconds) => expect(parseDuration(text, "--timeout")).toBe(seconds));

test("limits a timer to the longest delay of Node", () => {
  expect(timerMs(90)).toBe(90_000);
  for (const seconds of [25 * 86_400, 1e12, Infinity]) expect(timerMs(seconds)).toBeLessThan(2 ** 31);
});

test.each(["25d", "600h", "2147483648"])("rejects %s, which exceeds the longest delay", (text) =>
  expect(() => parseDuration(text, "--timeout")).toThrow("at most 24d"),
);

test("parses a count as a whole number", () => expect(parseCount("100", "--pids-limit")).toBe(100));

test.each(["", "0", "-1", "x", "1x", "1.5.5m", "512mm", "0m", `${"9".repeat(30)}t`])("rejects the size %j", (text) =>
  expect(() => parseBytes(text, "--memory")).toThrow(
    `Invalid --memory ${JSON.stringify(text)}: expected a size such as 512m or 2g`,
  ),
);

test.each(["", "0", "-1", "1.", "x", "1e3", `${"1".repeat(41)}`])("rejects the number of processors %j", (text) =>
  expect(() => parseNanoCpus(text, "--cpus")).toThrow(
    `Invalid --cpus ${JSON.stringify(text)}: expected a number of processors such as 0.5 or 2`,
  ),
);

test.each(["", "0", "0s", "m", "10 m", "1.5h", "30m1h", "-1m", "25d", "1w", "9".repeat(50)])(
  "rejects the duration %j",
  (text) =>
    expect(() => parseDuration(text, "--timeout")).toThrow(
      `Invalid --timeout ${JSON.stringify(text)}: expected a duration such as 90s, 10m or 1h30m, at most 24d`,
    ),
);

test.each(["", "0", "1.5", "-1", "1e2", "9".repeat(16)])("rejects the count %j", (text) =>
  expect(() => parseCount(text, "--pids-limit")).toThrow(
    `Invalid --pids-limit ${JSON.stringify(text)}: expected a whole number such as 100`,
  ),
);
