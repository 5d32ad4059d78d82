import { glob } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { ENGINELESS, GROUPS, groupOf, QUICK } from "../matrix/groups.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = await Array.fromAsync(glob("test/{engine,e2e}/*.test.ts", { cwd: root }));

test("Each file of tests on an engine has one column of the matrix, or a reason to be in none", () => {
  expect(files.length).toBeGreaterThan(40);
  const placed = files.filter((file) => !ENGINELESS.includes(file));
  expect(placed.map(groupOf).every((group) => group in GROUPS)).toBe(true);
  expect(Object.values(GROUPS).flat()).toHaveLength(placed.length);
});

test("No file is named that is not there", () => {
  expect([...QUICK, ...ENGINELESS].filter((file) => !files.includes(file))).toEqual([]);
});
