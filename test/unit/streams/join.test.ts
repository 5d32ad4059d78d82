import { Buffer } from "node:buffer";
import { PassThrough, Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { extract } from "tar-stream";
import { expect, test } from "vitest";
import { join } from "../../../src/streams/join.ts";

const endless = () => new Readable({ read() {} });

test("passes all data on and ends both joined streams", async () => {
  const target = new PassThrough();
  const joined = join(Readable.from([Buffer.from("a"), Buffer.from("b")]), target);
  expect((await buffer(target)).toString()).toBe("ab");
  await joined;
});

test("passes an error of the source to the reader", async () => {
  const source = endless();
  const target = new PassThrough();
  void join(source, target);
  source.destroy(new Error("the engine has gone"));
  await expect(buffer(target)).rejects.toThrow("the engine has gone");
});

test("fails if the source closes early without an error", async () => {
  for (const target of [new PassThrough(), extract()]) {
    const source = endless();
    void join(source, target);
    source.push("some bytes");
    setImmediate(() => source.destroy());
    await expect(
      (async () => {
        for await (const _ of target as AsyncIterable<unknown>);
      })(),
    ).rejects.toThrow();
  }
});

test("closes the source on an error of the target", async () => {
  const source = endless();
  const target = new Writable({ write: (_bytes, _encoding, done) => done(new Error("the disk is full")) });
  const joined = join(source, target);
  source.push("some bytes");
  await expect(joined).rejects.toThrow("the disk is full");
  expect(source.destroyed).toBe(true);
});
