import { expect, test } from "vitest";
import { parseAppJson } from "../../../src/app/app-json.ts";
import { chooseRelease } from "../../../src/deploy/rollback.ts";
import type { RecordedRelease } from "../../../src/release/release-labels.ts";

const release = (number: number): RecordedRelease => ({
  ...{ app: "a", number, image: `oneoff/a:v${number}`, imageId: `sha256:${number}`, base: "", created: "" },
  ...{ procfile: new Map(), appJson: parseAppJson(Buffer.from("{}")) },
});
const all = [9, 7, 3].map(release);

test("chooses the release with the number", () => {
  expect(chooseRelease("a", all, 7).number).toBe(7);
});

test("fails without a previous live release", () => {
  expect(() => chooseRelease("a", all, undefined)).toThrow('"a" has no earlier release');
});

test("lists existing releases for an unknown number", () => {
  expect(() => chooseRelease("a", all, 8)).toThrow('No such release v8 of "a"; expected v9, v7 or v3');
  expect(() => chooseRelease("a", [], 1)).toThrow('No such release v1 of "a"');
});
