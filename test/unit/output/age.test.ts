import { expect, test } from "vitest";
import { age } from "../../../src/output/age.ts";

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
  // The engine's clock may be ahead of ours.
  [-1, "0s"],
  [-100_000, "0s"],
])("%d s: %s", (seconds, text) => expect(age(seconds)).toBe(text));
