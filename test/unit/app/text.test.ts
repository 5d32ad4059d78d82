import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { decodeText } from "../../../src/app/text.ts";

test("returns text unchanged, without a byte order mark", () => {
  expect(decodeText(Buffer.from("\uFEFFa\uFEFF é€😀\r\n"), "f")).toBe("a\uFEFF é€😀\r\n");
  expect(decodeText(new Uint8Array(), "f")).toBe("");
  expect(decodeText(Buffer.from("xaby").subarray(1, 3), "f")).toBe("ab");
});

test.each([
  ["a\nb\xff\nc", "f:2: expected text in UTF-8, found bytes that are not UTF-8"],
  ["\xff\xfea\0\n\0", "f:1: expected text in UTF-8, found bytes that are not UTF-8"],
  ["ok\n\xe2\x82\n\xac", "f:2: expected text in UTF-8, found bytes that are not UTF-8"],
  ["a\n\nb\0", "f:3: expected text in UTF-8, found a NUL byte"],
])("reports the line of invalid UTF-8 in %j", (bytes, message) => {
  expect(() => decodeText(Buffer.from(bytes, "latin1"), "f")).toThrow(
    expect.objectContaining({ code: "not-text", kind: "usage", message }),
  );
});
