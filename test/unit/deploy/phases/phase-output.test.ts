import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { PhaseOutput } from "../../../../src/deploy/phases/phase-output.ts";

function scene() {
  const lines: [string, string][] = [];
  const output = new PhaseOutput((channel, text) => lines.push([channel, text]));
  return { output, lines };
}

test("reports complete lines, and an incomplete line at the end", () => {
  const { output, lines } = scene();
  output.stdout.write("a\nb");
  expect(lines).toEqual([["stdout", "a"]]);
  output.stderr.write("other\r\n\n");
  output.stdout.write("c\n");
  output.stdout.write("open");
  output.end();
  output.end();
  expect(lines).toEqual([
    ["stdout", "a"],
    ["stderr", "other"],
    ["stderr", ""],
    ["stdout", "bc"],
    ["stdout", "open"],
  ]);
});

test("decodes split characters and replaces invalid bytes", () => {
  const { output, lines } = scene();
  const bytes = Buffer.from("é日\n");
  for (const byte of bytes) output.stdout.write(Buffer.from([byte]));
  output.stdout.write(Buffer.from([0xff, 0x0a]));
  expect(lines.map(([, text]) => text)).toEqual(["é日", "\ufffd"]);
});

test("splits a long line", () => {
  const { output, lines } = scene();
  for (let n = 0; n < 5; n += 1) output.stdout.write("x".repeat(8 * 1024));
  expect(lines.map(([, text]) => text.length)).toEqual([16 * 1024, 16 * 1024]);
  output.end();
  expect(lines.map(([, text]) => text).join("")).toBe("x".repeat(40 * 1024));
});

test("keeps the last 20 lines, shortened and without control sequences", () => {
  const { output } = scene();
  for (let n = 0; n < 25; n += 1) output[n % 2 ? "stderr" : "stdout"].write(`${n}\n`);
  output.stdout.write(`\x1b[31;1mred\x1b[0m\x07\tand ${"long".repeat(100)}\n`);
  expect(output.last).toHaveLength(20);
  expect(output.last.slice(0, 2)).toEqual(["6", "7"]);
  expect(output.last.at(-1)).toBe(`redand ${"long".repeat(100)}`.slice(0, 200));
});
