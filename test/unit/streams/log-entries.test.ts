import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { LogEntryParser, utcOf } from "../../../src/streams/log-entries.ts";
import { frame } from "../../support/frame.ts";

const T1 = "2013-03-13T15:38:09.123456789Z";
const T2 = "2013-03-13T15:38:10.000000001Z";
const PART = 16 * 1024;
const DOCKER = { partsShareTime: true };
const PODMAN = { partsShareTime: false };
const x = "x".repeat(PART);

/** The messages as text, read at once; the same in small chunks. */
function parse(format: "raw" | "multiplexed", lines: typeof DOCKER, sent: readonly Buffer[]) {
  const bytes = Buffer.concat(sent);
  const by = (size: number) => {
    const parser = new LogEntryParser(format, lines);
    const entries = [];
    for (let at = 0; at < bytes.length; at += size) entries.push(...parser.push(bytes.subarray(at, at + size)));
    return [...entries, ...parser.end()].map(({ stamp, channel, bytes }) => [stamp, channel, bytes.toString("latin1")]);
  };
  const whole = by(bytes.length);
  expect(by(997)).toEqual(whole);
  return whole;
}

describe.each(["raw", "multiplexed"] as const)("reads a %s log", (format) => {
  const sent = (text: string) =>
    format === "raw" ? Buffer.from(text, "latin1") : frame(1, Buffer.from(text, "latin1"));

  test("keeps every byte of lines, long lines and an unfinished last line", () => {
    const entries = [`${T1} a\xff\0\n`, `${T1} \n`, `${T2} ${x}`, `${T2} y\n`, `${T2} rest`];
    expect(parse(format, DOCKER, entries.map(sent))).toEqual([
      [T1, "stdout", "a\xff\0\n"],
      [T1, "stdout", "\n"],
      [T2, "stdout", x],
      [T2, "stdout", "y\n"],
      [T2, "stdout", "rest"],
    ]);
  });

  test("restores the line feed that the local driver drops after a long line", () => {
    expect(parse(format, DOCKER, [`${T1} ${x}`, `${T1} y`, `${T2} next\n`].map(sent))).toEqual([
      [T1, "stdout", x],
      [T1, "stdout", "y"],
      [T1, "stdout", "\n"],
      [T2, "stdout", "next\n"],
    ]);
  });

  test("reads Podman's partial entries, each with its own timestamp", () => {
    expect(parse(format, PODMAN, [`${T1} tail`, `${T2} \r\n`, `${T2} unf`].map(sent))).toEqual([
      [T1, "stdout", "tail"],
      [T2, "stdout", "\r\n"],
      [T2, "stdout", "unf"],
    ]);
  });
});

test("keeps timestamps inside a message", () => {
  expect(parse("raw", DOCKER, [Buffer.from(`${T1} it is ${T1} now, not ${T2} yet\n`)])).toEqual([
    [T1, "stdout", `it is ${T1} now, not ${T2} yet\n`],
  ]);
});

test.each(["raw", "multiplexed"] as const)("reports a truncated %s message as the engine's fault", (format) => {
  const parser = new LogEntryParser(format, DOCKER);
  const begin = Buffer.from(`${T1} `);
  parser.push(format === "raw" ? begin : frame(1, begin, 2 ** 31));
  let sent = 0;
  const more = () => {
    for (; sent < 2 ** 24; sent += 65_536) parser.push(Buffer.alloc(65_536, "x"));
  };
  expect(more).toThrow("expected messages of at most 1048576 bytes");
  expect(sent).toBeLessThan(2 ** 21);
});

test("reports an entry without a timestamp as the engine's fault if timestamps are requested", () => {
  const [entry] = new LogEntryParser("multiplexed", DOCKER).push(frame(1, "yesterday it was\n"));
  expect(() => utcOf(entry as NonNullable<typeof entry>)).toThrow("expected a timestamp at the beginning of a line");
});
