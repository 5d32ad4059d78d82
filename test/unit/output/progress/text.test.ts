import { describe, expect, test } from "vitest";
import { GLYPHS, PLAIN_STYLE, type Progress, progressText } from "../../../../src/output/progress/text.ts";
import { COLORED } from "../../../../src/output/style.ts";
import { displayWidth } from "../../../../src/output/table.ts";

const progress = (current: number, total: number | undefined, item?: string): Progress => {
  return { type: "progress", operation: "upload", current, total, ...(item !== undefined && { item }) };
};

test.each([
  [progress(0, 100), "upload ------------------------   0% of 100 B"],
  [progress(50, 100), "upload ############------------  50% of 100 B"],
  [progress(2 ** 31, 2 ** 31), "upload ######################## 100% of 2 GiB"],
  // More bytes than announced.
  [progress(200, 100), "upload ######################## 100% of 100 B"],
  [progress(0, 0), "upload ######################## 100% of 0 B"],
  [progress(1_600_000, undefined), "upload 1.5 MiB"],
  [progress(1, 4, "3f1c"), "upload 3f1c ######------------------  25% of 4 B"],
])("prints %j as %j", (progress, text) => expect(progressText(progress, PLAIN_STYLE)).toBe(text));

test("prints the remaining time last", () =>
  expect(progressText(progress(50, 100), { ...PLAIN_STYLE, secondsLeft: 75 })).toBe(
    "upload ############------------  50% of 100 B, 1m15s left",
  ));

describe("omits what does not fit", () => {
  test.each([
    [60, "upload ############------------  50% of 100 B, 9s left"],
    [50, "upload ############------------  50% of 100 B"],
    [40, "upload  50% of 100 B"],
    [15, "upload  50%"],
    [9, "up…  50%"],
    [2, "…"],
    [1, "…"],
  ])("in %i columns", (columns, text) =>
    expect(progressText(progress(50, 100), { ...PLAIN_STYLE, columns, secondsLeft: 9 })).toBe(text),
  );

  test.each(["日", "é", "👩‍👩‍👧‍👦"])("never exceeds the width with %s", (character) => {
    for (let columns = 2; columns < 90; columns += 1) {
      const line = progressText(progress(50, 100, character.repeat(20)), { ...PLAIN_STYLE, columns });
      expect(displayWidth(line)).toBeLessThan(columns);
    }
  });
});

test("ignores colours in the width", () => {
  const style = { columns: 50, glyphs: GLYPHS.unicode, style: COLORED };
  const line = progressText(progress(50, 100), style);
  expect(line).toContain("\x1b[36m━━━━━━━━━━━━\x1b[39m\x1b[2m────────────");
  expect(displayWidth(line)).toBe(45);
});
