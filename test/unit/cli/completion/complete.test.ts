import { expect, test } from "vitest";
import { bashReply, readBashLine } from "../../../../src/cli/completion/complete.ts";

/** The default of bash. */
const BREAKS = " \t\n\"'@><=;|&(:";

test.each([
  ["oneoff ", ["oneoff"], "", 0, ""],
  ["oneoff run", ["oneoff"], "run", 0, ""],
  ["oneoff run:de", ["oneoff"], "run:de", 4, ""],
  ["oneoff run --pull=al", ["oneoff", "run"], "--pull=al", 7, ""],
  ["oneoff run -e A=1 compose:shop/w", ["oneoff", "run", "-e", "A=1"], "compose:shop/w", 8, ""],
  ["oneoff run my\\ ap", ["oneoff", "run"], "my ap", 0, ""],
  ["oneoff run 'my ap", ["oneoff", "run"], "my ap", 0, "'"],
  ['oneoff run "a\\"b c', ["oneoff", "run"], 'a"b c', 0, '"'],
  ["oneoff run 'my app':w", ["oneoff", "run"], "my app:w", 7, ""],
  ["oneoff run a:'b c", ["oneoff", "run"], "a:b c", 2, "'"],
  ["oneoff run '' x", ["oneoff", "run", ""], "x", 0, ""],
  ["oneoff run 'a b' ", ["oneoff", "run", "a b"], "", 0, ""],
  ["oneoff run --secret KEY=@./k", ["oneoff", "run", "--secret"], "KEY=@./k", 5, ""],
] as const)("splits the line at the cursor: %s", (line, before, current, kept, quote) => {
  expect(readBashLine(line, BREAKS)).toEqual({ before, current, kept, quote });
});

test.each([
  ["my-app", { kept: 0, quote: "" }, "my-app"],
  ["run:detached", { kept: 4, quote: "" }, "detached"],
  ["compose:shop/web", { kept: 0, quote: "" }, "compose:shop/web"],
  ["a $b'c", { kept: 0, quote: "" }, "a\\ \\$b\\'c"],
  ['a "$b`\\', { kept: 0, quote: '"' }, 'a \\"\\$b\\`\\\\'],
  ["it's", { kept: 0, quote: "'" }, "it'\\''s"],
  ["žluť 🐎", { kept: 0, quote: "" }, "žluť\\ 🐎"],
] as const)("quotes %s like the typed argument", (value, typed, reply) => {
  expect(bashReply(value, typed)).toBe(reply);
});
