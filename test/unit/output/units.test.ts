import { afterEach, describe, expect, test } from "vitest";
import { formatAge, formatBytes, formatDuration, formatElapsed, formatTimestamp } from "../../../src/output/units.ts";

const HOUR = 3600;

describe("an age", () => {
  test.each([
    [0, "0s"],
    [0.9, "0s"],
    [1, "1s"],
    [59.9, "59s"],
    [60, "1m"],
    [3599, "59m"],
    [3600, "1h"],
    [86_399, "23h"],
    [86_400, "1d"],
    [200.9 * 86_400, "200d"],
    [40_000 * 86_400, "40000d"],
    // The engine's clock may be ahead.
    [-1, "0s"],
    [-100_000, "0s"],
  ])("of %d s is %s", (seconds, text) => expect(formatAge(seconds)).toBe(text));
});

describe("a duration", () => {
  test.each([
    [86_400, "24h"],
    [7 * 86_400, "168h"],
    [5400, "1h30m"],
    [90, "1m30s"],
    [3601, "1h1s"],
    [1, "1s"],
    [0, "0s"],
  ])("of %i s is %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe("an elapsed time", () => {
  test.each([
    [0, "0.0 s"],
    [0.04, "0.0 s"],
    [59.94, "59.9 s"],
    [59.96, "1 min 0 s"],
    [3599.6, "60 min 0 s"],
  ])("of %f s is %s", (seconds, text) => expect(formatElapsed(seconds)).toBe(text));
});

describe("a size", () => {
  test.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [2 ** 50, "1024 TiB"],
  ])("of %i bytes is %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe("a timestamp", () => {
  const THEN = Date.UTC(2013, 2, 13, 15, 38, 8) / 1000;

  test.each([
    [0, "(~ 0s ago)"],
    [1, "(~ 1s ago)"],
    [1.9, "(~ 1s ago)"],
    [59, "(~ 59s ago)"],
    [60, "(~ 1m ago)"],
    [59 * 60 + 59, "(~ 59m ago)"],
    [HOUR, "(~ 1h ago)"],
    [24 * HOUR - 1, "(~ 23h ago)"],
    [24 * HOUR, "(~ 24h ago)"],
    [25 * HOUR - 1, "(~ 24h ago)"],
    // The engine's clock may be ahead.
    [-5, "(~ 0s ago)"],
  ])("%d s later ends with %s", (seconds, ago) =>
    expect(formatTimestamp(THEN, THEN + seconds)).toBe(`2013/03/13 15:38:08 ${ago}`),
  );

  test("has no age after 25 hours", () => expect(formatTimestamp(THEN, THEN + 25 * HOUR)).toBe("2013/03/13 15:38:08"));

  test("has two digits in every part", () =>
    expect(formatTimestamp(Date.UTC(2026, 0, 2, 3, 4, 5) / 1000, 4e9)).toBe("2026/01/02 03:04:05"));

  afterEach(() => {
    process.env.TZ = "UTC";
  });

  test("is in local time", () => {
    process.env.TZ = "Asia/Kathmandu";
    expect(formatTimestamp(THEN, THEN)).toBe("2013/03/13 21:23:08 (~ 0s ago)");
  });
});
