import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { ChunkedBody } from "../../../src/engine/chunked.ts";

/** What a body says that comes in pieces of this size. */
function read(text: string, size = text.length) {
  const bytes = Buffer.from(text, "latin1");
  let said = "";
  const body = new ChunkedBody((piece) => {
    said += piece.toString("latin1");
    return true;
  });
  for (let at = 0; at < bytes.length; at += size) body.push(bytes.subarray(at, at + size));
  return { said, ended: body.ended };
}

describe("a body in chunks", () => {
  const text = "5\r\nhello\r\n1;name=value\r\n \r\nA\r\n0123456789\r\n0\r\n\r\n";

  test.each([1, 2, 3, 7, 100])("is read wherever it is cut: %i bytes at once", (size) => {
    expect(read(text, size)).toEqual({ said: "hello 0123456789", ended: true });
  });

  test("may have anything in it", () => {
    expect(read("4\r\n\r\n\r\n\r\n0\r\n\r\n")).toEqual({ said: "\r\n\r\n", ended: true });
  });

  test("has not ended before its last chunk", () => {
    expect(read("5\r\nhello\r\n")).toEqual({ said: "hello", ended: false });
    expect(read("5\r\nhel")).toEqual({ said: "hel", ended: false });
  });

  test.each(["hello\r\n", "-1\r\n", "0x5\r\n", "5 5\r\n", "1".repeat(300)])("cannot be %j", (garbage) => {
    expect(() => read(garbage)).toThrow("expected the length of a chunk");
  });

  test("tells when its reader has enough", () => {
    const answers = [true, false];
    const body = new ChunkedBody(() => answers.shift() ?? true);
    expect(body.push(Buffer.from("1\r\na\r\n"))).toBe(true);
    expect(body.push(Buffer.from("1\r\nb\r\n"))).toBe(false);
  });
});
