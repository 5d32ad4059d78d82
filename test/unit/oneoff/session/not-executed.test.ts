import { Buffer } from "node:buffer";
import { expect, test, vi } from "vitest";
import { describeSize, filterExecFailure } from "../../../../src/oneoff/session/not-executed.ts";
import { FakeSource } from "../../../support/fake-source.ts";
import { frame } from "../../../support/frame.ts";

const body = { Cmd: ["nope", "word"], Env: ["A=1"] };

/** Feeds the chunks. @returns the output that passed, and the filter. */
async function passed(chunks: readonly Uint8Array[], tty = false) {
  const source = new FakeSource();
  const watched = filterExecFailure(source, tty);
  const passed: Buffer[] = [];
  const read = watched.output.read((chunk) => passed.push(Buffer.from(chunk)) > 0);
  for (const chunk of chunks) source.bring(chunk);
  source.end();
  await read;
  return { output: Buffer.concat(passed).toString("latin1"), watched };
}

const json = (lines: readonly string[]) => lines.map((line) => frame(2, `${line}\n`));
const crun = [
  "{",
  '  "msg": "exec container process `\\/bin\\/x`: Argument list too long",',
  '  "level": "error"',
  "}",
];

test.each([
  ["[FATAL tini (7)] exec nope failed: No such file or directory\n", 127, 127, "nope: No such file or directory"],
  ["[FATAL tini (7)] exec /etc failed: Permission denied\n", 126, 126, "/etc: Permission denied"],
  ["[FATAL tini (8)] exec /bin/sh/x failed: Not a directory\n", 1, 126, "/bin/sh/x: Not a directory"],
  ["ERROR (catatonit:2): failed to exec pid1: No such file or directory\n", 1, 127, "nope: No such file or directory"],
  ["ERROR (catatonit:2): failed to exec pid1: Not a directory\n", 1, 126, "nope: Not a directory"],
])("explains %j as a command that was not executed", async (line, code, exit, message) => {
  for (const tty of [false, true]) {
    const { output, watched } = await passed([tty ? Buffer.from(line.replace("\n", "\r\n")) : frame(2, line)], tty);
    expect(output).toBe("");
    expect(watched.failureOf(code, body)).toMatchObject({ exit, message });
    expect(watched.failureOf(3, body)).toBeUndefined();
    expect(watched.rest).toBe(tty ? line.replace("\n", "\r\n") : line);
  }
});

test.each([
  ["runc", [frame(2, "exec /sbin/docker-init: argument list too long\n")], 255],
  ["crun", json(crun), 1],
])("explains a command that is too long for Linux by its size, with %s", async (_runtime, chunks, code) => {
  const { output, watched } = await passed(chunks);
  expect(output).toBe("");
  const failure = watched.failureOf(code, { Cmd: ["nope"], Env: [`LARGE=${"x".repeat(140_000)}`] });
  expect(failure).toMatchObject({
    exit: 126,
    message: expect.stringMatching(/^nope: argument list too long \(the variable LARGE has 140006 bytes /i),
  });
  expect(failure?.message).not.toContain("xxx");
});

test.each([
  ["more output follows", [frame(2, "[FATAL tini (7)] exec nope failed: Not a directory\n"), frame(2, "more\n")]],
  ["it is on stdout", [frame(1, "[FATAL tini (7)] exec nope failed: Not a directory\n")]],
  ["it is incomplete", [frame(2, "[FATAL ti")]],
  ["it is JSON of another kind", json(["{", '  "msg": 1', "}"])],
  ["the stream is malformed", [Buffer.from("garbled!")]],
  ["it is cut", [frame(2, "[FATAL tini (7)] exec nope", 100)]],
])("passes output unchanged when %s", async (_why, chunks) => {
  const { output, watched } = await passed(chunks);
  expect(output).toBe(Buffer.concat(chunks).toString("latin1"));
  expect(watched.failureOf(1, body)).toBeUndefined();
});

test("holds back the possible beginning of a message for a moment only", async () => {
  vi.useFakeTimers();
  try {
    const source = new FakeSource();
    const passed: string[] = [];
    const read = filterExecFailure(source, true).output.read((chunk) => passed.push(chunk.toString()) > 0);
    source.bring(Buffer.from("exec"));
    expect(passed).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);
    expect(passed).toEqual(["exec"]);
    source.end();
    await read;
  } finally {
    vi.useRealTimers();
  }
});

test.each([
  [{ Cmd: ["x".repeat(131_072)], Env: [] }, "an argument has 131072 bytes; the maximum is 131071"],
  [{ Entrypoint: ["é".repeat(65_536)], Cmd: [], Env: [] }, "an argument has 131072 bytes; the maximum is 131071"],
  [
    { Cmd: ["echo", "hi"], Env: ["A=1"] },
    "the command line has 8 bytes and its variables 4, not counting variables of the image",
  ],
])("names the part of a command that is too large", (facts, text) => expect(describeSize(facts)).toBe(text));
