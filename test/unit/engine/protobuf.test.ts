import { describe, expect, test } from "vitest";
import { bytesField, numberField, protobufFields } from "../../../src/engine/protobuf.ts";

const fields = (...bytes: number[]) =>
  [...protobufFields(Buffer.from(bytes))].map(({ number, value }) => [
    number,
    typeof value === "number" ? value : value.toString("latin1"),
  ]);

describe("decodes the fields of a message", () => {
  test.each<[what: string, bytes: number[], expected: [number, number | string][]]>([
    ["none", [], []],
    ["a whole number", [0x08, 0x96, 0x01], [[1, 150]]],
    ["a number of more than 32 bits", [0x08, 0x80, 0x80, 0x80, 0x80, 0x10], [[1, 2 ** 32]]],
    ["bytes", [0x12, 0x02, 0x68, 0x69], [[2, "hi"]]],
    ["no bytes", [0x12, 0x00], [[2, ""]]],
    ["a field number above 15", [0x82, 0x01, 0x01, 0x78], [[16, "x"]]],
    [
      "a repeated field",
      [0x0a, 0x01, 0x61, 0x0a, 0x01, 0x62],
      [
        [1, "a"],
        [1, "b"],
      ],
    ],
    [
      "a message with skipped fields of fixed width",
      [0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 0x08, 0x05],
      [[1, 5]],
    ],
  ])("decodes %s", (_what, bytes, expected) => expect(fields(...bytes)).toEqual(expected));
});

describe("encodes fields", () => {
  test.each<[what: string, written: Buffer, expected: [number, number | string][]]>([
    ["a whole number", numberField(1, 150), [[1, 150]]],
    ["a number of more than 32 bits", numberField(16, 2 ** 32), [[16, 2 ** 32]]],
    ["bytes", bytesField(2, Buffer.from("caf\xe9", "latin1")), [[2, "caf\xe9"]]],
    ["long bytes", bytesField(2, Buffer.from("x".repeat(300))), [[2, "x".repeat(300)]]],
    ["zero and empty values as absent", Buffer.concat([numberField(1, 0), bytesField(2, Buffer.alloc(0))]), []],
  ])("encodes %s", (_what, written, expected) => expect(fields(...written)).toEqual(expected));

  test("encodes a negative number as int64", () =>
    expect(numberField(1, -1n)).toEqual(Buffer.from([0x08, ...Array(9).fill(0xff), 0x01])));
});

describe("rejects corrupt messages", () => {
  test.each<[what: string, bytes: number[]]>([
    ["a number that does not end", [0x08, 0x96]],
    ["truncated bytes", [0x12, 0x05, 0x68]],
    ["a group, which is deprecated", [0x0b]],
  ])("rejects %s", (_what, bytes) => expect(() => fields(...bytes)).toThrow(RangeError));
});
