import { expect, test } from "vitest";
import { compareVersions, FLOOR, PREFERRED, renegotiate } from "../../../src/engine/version.ts";

test.each([
  ["1.9", "1.41", -1],
  ["1.41", "1.9", 1],
  ["1.44", "1.44", 0],
  ["2.0", "1.99", 1],
  ["1.99", "2.0", -1],
])("compares %s with %s as %i", (a, b, sign) => expect(Math.sign(compareVersions(a, b))).toBe(sign));

test("prefers a version above the oldest supported one", () =>
  expect(compareVersions(PREFERRED, FLOOR)).toBeGreaterThan(0));

test("reads the engine's version from a refusal of an older engine", () =>
  expect(renegotiate(400, "1.44", "1.41")).toBe("1.41"));

test.each<[string, number, string, string | undefined]>([
  ["with another status", 404, "1.44", "1.41"],
  ["of a request in the engine's own version", 400, "1.41", "1.41"],
  ["by a newer engine", 400, "1.44", "1.51"],
  ["without an engine version", 400, "1.44", undefined],
])("does not treat a refusal %s as a version mismatch", (_what, status, asked, engine) =>
  expect(renegotiate(status, asked, engine)).toBeUndefined(),
);
