import { describe, expect, test } from "vitest";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import type { RecordedRelease } from "../../../../src/deploy/releases/release-labels.ts";
import { chooseRelease } from "../../../../src/deploy/releases/rollback.ts";

const release = (number: number): RecordedRelease => ({
  ...{ app: "a", number, image: `oneoff/a:v${number}`, imageId: `sha256:${number}`, base: "", created: "" },
  ...{ procfile: new Map(), appJson: parseAppJson(Buffer.from("{}")), postdeployed: false },
});
const all = [9, 7, 3].map(release);
const choose = (number: number | undefined, current: number | undefined, releases = all) =>
  chooseRelease("a", releases, current === undefined ? undefined : release(current), number).number;

describe("without a number", () => {
  test.each([
    [9, 7],
    [7, 3],
    // One that was removed by hand, or never went live, is not missed.
    [8, 7],
  ])("what is live being v%i: v%i", (current, expected) => expect(choose(undefined, current)).toBe(expected));

  test.each([
    [3, all],
    [undefined, all],
    [9, []],
  ] as const)("there may be none that is older: %s", (current, releases) =>
    expect(() => choose(undefined, current, [...releases])).toThrow(
      'There is no release of "a" that is older than what is live',
    ),
  );
});

describe("with a number", () => {
  test.each([9, 7, 3])("v%i, whatever is live", (number) => expect(choose(number, 7)).toBe(number));

  test("also where nothing is live", () => expect(choose(3, undefined)).toBe(3));

  test("that there is not: those that there are are told", () => {
    expect(() => choose(8, 9)).toThrow('There is no release v8 of "a"; there are v9, v7, v3');
    expect(() => choose(1, undefined, [])).toThrow('There is no release v1 of "a"');
  });
});
