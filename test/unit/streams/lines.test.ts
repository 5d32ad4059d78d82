import { Buffer } from "node:buffer";
import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { jsonLines } from "../../../src/streams/lines.ts";

const all = (...chunks: (string | Buffer)[]) => Array.fromAsync(jsonLines(Readable.from(chunks)));

test.each<[string, (string | Buffer)[], unknown[]]>([
  ["one per line", ['{"a":1}\n{"b":2}\n'], [{ a: 1 }, { b: 2 }]],
  ["split anywhere", ['{"a"', ':1}\n{"b', '":2}', "\n"], [{ a: 1 }, { b: 2 }]],
  ["with CRLF, also split between CR and LF", ['{"a":1}\r', '\n{"b":2}\r\n'], [{ a: 1 }, { b: 2 }]],
  ["the last without a line feed", ['{"a":1}'], [{ a: 1 }]],
  ["blank lines between them", ['\n  \n{"a":1}\r\n\r\n'], [{ a: 1 }]],
  ["none", [], []],
])("reads JSON values: %s", async (_what, chunks, values) => expect(await all(...chunks)).toEqual(values));

test("decodes a character split between chunks", async () => {
  const bytes = Buffer.from('{"a":"é€😀"}\n');
  expect(await all(...Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual([{ a: "é€😀" }]);
});

test("yields a value as soon as its line is complete", async () => {
  const stream = new PassThrough();
  const lines = jsonLines(stream);
  stream.write('{"a":1}\n{"b"');
  expect(await lines.next()).toEqual({ value: { a: 1 }, done: false });
  stream.end(":2}");
  expect(await lines.next()).toEqual({ value: { b: 2 }, done: false });
  expect(await lines.next()).toEqual({ value: undefined, done: true });
});

test("fails if the stream fails", { timeout: 2_000 }, async () => {
  const stream = new PassThrough();
  const reading = Array.fromAsync(jsonLines(stream));
  stream.write('{"a":1}\n');
  stream.destroy(new Error("cut off"));
  await expect(reading).rejects.toThrow("cut off");
});

test("closes the stream if the reader stops early", async () => {
  const stream = Readable.from(['{"a":1}\n{"b":2}\n', '{"c":3}\n']);
  for await (const value of jsonLines(stream)) {
    expect(value).toEqual({ a: 1 });
    break;
  }
  expect(stream.isPaused() || stream.destroyed).toBe(true);
});
