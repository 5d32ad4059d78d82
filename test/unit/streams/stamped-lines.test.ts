import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { StampedLines } from "../../../src/streams/stamped-lines.ts";
import { frame } from "../../support/frame.ts";

const T1 = "2013-03-13T15:38:09.123456789Z";
const T2 = "2013-03-13T15:38:10.000000001Z";
const PART = 16 * 1024;

/** At once, and byte by byte. */
function read(format: "raw" | "multiplexed", ...chunks: (Buffer | string)[]) {
  const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk as string)));
  const [whole, bit] = [new StampedLines(format), new StampedLines(format)];
  const lines = [...whole.push(bytes), ...whole.end()];
  const slow = [...Array.from(bytes, (byte) => bit.push(Buffer.from([byte]))).flat(), ...bit.end()];
  expect(slow).toEqual(lines);
  return lines.map(({ time, channel, text }) => [time, channel, text]);
}

/** How the engine sends a line that it has stored in parts. */
const parts = (text: Buffer, time = T1): Buffer => {
  const sent: Buffer[] = [];
  for (let at = 0; at < text.length; at += PART) sent.push(Buffer.from(`${time} `), text.subarray(at, at + PART));
  return Buffer.concat(sent);
};

describe.each(["raw", "multiplexed"] as const)("reads a %s log", (format) => {
  const sent = (text: Buffer | string) => (format === "raw" ? Buffer.from(text as string) : frame(1, text));

  test("yields the timestamp of each line", () => {
    expect(read(format, sent(`${T1} one\n`), sent(`${T2} two words\n`))).toEqual([
      [T1, "stdout", "one"],
      [T2, "stdout", "two words"],
    ]);
  });

  test("yields empty lines, unfinished lines, and lines with a TTY's CRLF", () => {
    expect(read(format, sent(`${T1} \n`), sent(`${T1} a\rb\r\n`), sent(`${T2} rest`))).toEqual([
      [T1, "stdout", ""],
      [T1, "stdout", "a\rb"],
      [T2, "stdout", "rest"],
    ]);
  });

  test("replaces invalid UTF-8 and keeps other bytes", () => {
    expect(read(format, sent(Buffer.concat([Buffer.from(`${T1} é😀`), Buffer.from([0xff, 0, 10])])))).toEqual([
      [T1, "stdout", "é😀\ufffd\0"],
    ]);
  });

  test("joins a line that the engine has split into parts", () => {
    const text = Buffer.from("é".repeat(30_000));
    expect(read(format, sent(parts(text)), sent("\n"), sent(`${T2} next\n`))).toEqual([
      [T1, "stdout", text.toString()],
      [T2, "stdout", "next"],
    ]);
  });

  test("keeps timestamps inside a line", () => {
    expect(read(format, sent(`${T1} it is ${T1} now, not ${T2} yet\n`))).toEqual([
      [T1, "stdout", `it is ${T1} now, not ${T2} yet`],
    ]);
  });

  test("splits a line of megabytes identically for any chunks, and cuts no character", () => {
    const text = Buffer.from(`x${"é".repeat(1_000_000)}`);
    const bytes = Buffer.concat([sent(parts(text)), sent("\n"), sent(`${T2} next\n`)]);
    const by = (size: number) => {
      const lines = new StampedLines(format);
      const all = [];
      for (let at = 0; at < bytes.length; at += size) all.push(...lines.push(bytes.subarray(at, at + size)));
      return [...all, ...lines.end()];
    };
    const all = by(64 * 1024);
    expect(by(1000)).toEqual(all);
    expect(by(bytes.length)).toEqual(all);
    expect(all.at(-1)).toEqual({ time: T2, channel: "stdout", text: "next" });
    const pieces = all.slice(0, -1).map((line) => line.text);
    expect(pieces.join("")).toBe(text.toString());
    expect(new Set(pieces.slice(0, -1).map((piece) => Buffer.byteLength(piece)))).toEqual(new Set([65_535, 65_536]));
  });
});

test("keeps concurrent stdout and stderr lines apart", () => {
  expect(read("multiplexed", frame(1, `${T1} ou`), frame(2, `${T2} er`), frame(1, "t\n"), frame(2, "r\n"))).toEqual([
    [T1, "stdout", "out"],
    [T2, "stderr", "err"],
  ]);
});

test("converts timestamps with a UTC offset to UTC", () => {
  expect(read("raw", "2013-03-13T17:38:09.123456789+02:00 a\n")).toEqual([[T1, "stdout", "a"]]);
});

test.each(["no time at all", "nospace", "2013-03-13 a", "9999-99-99T99:99:99Z a", "Z a", ""])(
  "reports a line without a timestamp as the engine's fault: %j",
  (line) => {
    for (const format of ["raw", "multiplexed"] as const) {
      const sent = Buffer.from(`${line}\n`);
      expect(() => new StampedLines(format).push(format === "raw" ? sent : frame(1, sent))).toThrow(
        "expected a timestamp at the beginning of a line",
      );
    }
  },
);

test("fails on a corrupt stream", () => {
  expect(() => new StampedLines("multiplexed").push(frame(9, "x"))).toThrow("unknown type 9");
});
