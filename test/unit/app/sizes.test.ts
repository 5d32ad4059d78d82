import { expect, test } from "vitest";
import { resolveSize } from "../../../src/app/sizes.ts";

const MiB = 2 ** 20;

test.each([
  ["S", 256],
  ["M", 512],
  ["L", 1024],
  ["XL", 2048],
])("resolves the built-in size %s", (name, memory) => expect(resolveSize(name)).toEqual({ memory: memory * MiB }));

test("prefers an app's own sizes", () => {
  const sizes = new Map([
    ["S", { memory: 1 }],
    ["huge", { memory: 2, nanoCpus: 3 }],
  ]);
  expect(resolveSize("S", sizes)).toEqual({ memory: 1 });
  expect(resolveSize("huge", sizes)).toEqual({ memory: 2, nanoCpus: 3 });
  expect(resolveSize("M", sizes)).toEqual({ memory: 512 * MiB });
  expect(() => resolveSize("hug", sizes)).toThrow('unknown size "hug"; did you mean "huge"?');
});

test.each([
  ["XXL", 'unknown size "XXL"; did you mean "XL"?'],
  ["xl", 'unknown size "xl"; did you mean "XL"?'],
  ["constructor", 'unknown size "constructor"; expected "S", "M", "L" or "XL"'],
])("rejects the unknown size %s", (name, message) =>
  expect(() => resolveSize(name)).toThrow(expect.objectContaining({ code: "unknown-size", kind: "usage", message })),
);
