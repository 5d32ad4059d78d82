import { afterEach, expect, test } from "vitest";
import { moment } from "../../../src/output/moment.ts";

const THEN = Date.UTC(2013, 2, 13, 15, 38, 8) / 1000;
const HOUR = 3600;

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
  // The engine's clock may be ahead of ours.
  [-5, "(~ 0s ago)"],
])("%d s later it reads %s", (seconds, ago) => {
  expect(moment(THEN, THEN + seconds)).toBe(`2013/03/13 15:38:08 ${ago}`);
});

test("from 25 hours on it has no age", () => {
  expect(moment(THEN, THEN + 25 * HOUR)).toBe("2013/03/13 15:38:08");
});

test("every part has two digits", () => {
  expect(moment(Date.UTC(2026, 0, 2, 3, 4, 5) / 1000, 4e9)).toBe("2026/01/02 03:04:05");
});

afterEach(() => {
  process.env.TZ = "UTC";
});

test("it is the time where we are", () => {
  process.env.TZ = "Asia/Kathmandu";
  expect(moment(THEN, THEN)).toBe("2013/03/13 21:23:08 (~ 0s ago)");
});
