import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { ChunkedBody } from "../../../src/engine/chunked.ts";

/** Decodes a body that arrives in chunks of this size. */
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

describe("decodes a chunked body", () => {
  const text = "5\r\nhello\r\n1;name=value\r\n \r\nA\r\n0123456789\r\n0\r\n\r\n";

  test.each([1, 2, 3, 7, 100])("decodes a chunked body that is cut every %i bytes", (size) => {
    expect(read(text, size)).toEqual({ said: "hello 0123456789", ended: true });
  });

  test("decodes any bytes in a chunked body", () => {
    expect(read("4\r\n\r\n\r\n\r\n0\r\n\r\n")).toEqual({ said: "\r\n\r\n", ended: true });
  });

  test("does not end a chunked body before its last chunk", () => {
    expect(read("5\r\nhello\r\n")).toEqual({ said: "hello", ended: false });
    expect(read("5\r\nhel")).toEqual({ said: "hel", ended: false });
  });

  test.each(["hello\r\n", "-1\r\n", "0x5\r\n", "5 5\r\n", "1".repeat(300)])(
    "rejects the chunked body %j",
    (garbage) => {
      expect(() => read(garbage)).toThrow("expected the length of a chunk");
    },
  );

  test("reports when its reader pauses", () => {
    const answers = [true, false];
    const body = new ChunkedBody(() => answers.shift() ?? true);
    expect(body.push(Buffer.from("1\r\na\r\n"))).toBe(true);
    expect(body.push(Buffer.from("1\r\nb\r\n"))).toBe(false);
  });
});
