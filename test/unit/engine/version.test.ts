import { expect, test } from "vitest";
import { compareVersions, FLOOR, PREFERRED, renegotiate } from "../../../src/engine/version.ts";

test.each([
  ["1.9", "1.41", -1],
  ["1.41", "1.9", 1],
  ["1.44", "1.44", 0],
  ["2.0", "1.99", 1],
  ["1.99", "2.0", -1],
])("%s compared with %s is %i", (a, b, sign) => expect(Math.sign(compareVersions(a, b))).toBe(sign));

test("what is preferred is above the floor", () => expect(compareVersions(PREFERRED, FLOOR)).toBeGreaterThan(0));

test("a refusal by an older engine asks for that engine's version", () =>
  expect(renegotiate(400, "1.44", "1.41")).toBe("1.41"));

test.each<[string, number, string, string | undefined]>([
  ["with another status", 404, "1.44", "1.41"],
  ["of what was asked in the engine's own version", 400, "1.41", "1.41"],
  ["by a newer engine", 400, "1.44", "1.51"],
  ["by what does not tell its version", 400, "1.44", undefined],
])("a refusal %s is not about the version", (_what, status, asked, engine) =>
  expect(renegotiate(status, asked, engine)).toBeUndefined(),
);
