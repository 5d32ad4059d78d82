import { describe, expect, test } from "vitest";
import { protobufFields } from "../../../src/engine/protobuf.ts";

const fields = (...bytes: number[]) =>
  [...protobufFields(Buffer.from(bytes))].map(({ number, value }) => [
    number,
    typeof value === "number" ? value : value.toString("latin1"),
  ]);

describe("the fields of a message", () => {
  test.each<[what: string, bytes: number[], expected: [number, number | string][]]>([
    ["none", [], []],
    ["a whole number", [0x08, 0x96, 0x01], [[1, 150]]],
    ["a number of more than 32 bits", [0x08, 0x80, 0x80, 0x80, 0x80, 0x10], [[1, 2 ** 32]]],
    ["bytes", [0x12, 0x02, 0x68, 0x69], [[2, "hi"]]],
    ["no bytes", [0x12, 0x00], [[2, ""]]],
    ["a number above 15", [0x82, 0x01, 0x01, 0x78], [[16, "x"]]],
    [
      "one twice",
      [0x0a, 0x01, 0x61, 0x0a, 0x01, 0x62],
      [
        [1, "a"],
        [1, "b"],
      ],
    ],
    [
      "what has a fixed width, which is skipped",
      [0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 0x08, 0x05],
      [[1, 5]],
    ],
  ])("%s", (_what, bytes, expected) => expect(fields(...bytes)).toEqual(expected));
});

describe("what is garbled is an error", () => {
  test.each<[what: string, bytes: number[]]>([
    ["a number that does not end", [0x08, 0x96]],
    ["bytes that are cut off", [0x12, 0x05, 0x68]],
    ["a group, which nobody has sent for long", [0x0b]],
  ])("%s", (_what, bytes) => expect(() => fields(...bytes)).toThrow(RangeError));
});
