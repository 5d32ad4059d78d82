import { expect, test } from "vitest";
import { exactArgs } from "../../../src/host/exact-args.ts";

const line = (text: string) => () => Buffer.from(text, "latin1");

test("takes bytes that are not UTF-8 from the command line", () => {
  expect(exactArgs(["cp", "caf\ufffd"], line("/usr/bin/oneoff\0cp\0caf\xe9\0"))).toEqual(["cp", "caf\udce9"]);
  expect(exactArgs(["\ufffd", "", "b"], line("node\0main.ts\0\xff\0\0b\0"))).toEqual(["\udcff", "", "b"]);
});

test("keeps a U+FFFD that was typed", () => {
  expect(exactArgs(["\ufffd"], line("oneoff\0\xef\xbf\xbd\0"))).toEqual(["\ufffd"]);
});

test("keeps the arguments if the command line cannot be read or differs", () => {
  const missing = () => {
    throw new Error("no /proc");
  };
  expect(exactArgs(["\ufffd"], missing)).toEqual(["\ufffd"]);
  expect(exactArgs(["\ufffd"], line("other\0words\0"))).toEqual(["\ufffd"]);
});

test("does not read the command line without need", () => {
  expect(exactArgs(["a"], () => expect.unreachable())).toEqual(["a"]);
});
