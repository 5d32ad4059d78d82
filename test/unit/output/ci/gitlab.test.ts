import { expect, test } from "vitest";
import { gitlabReport } from "../../../../src/output/ci/gitlab.ts";
import type { Event } from "../../../../src/output/events.ts";
import { PLAIN } from "../../../../src/output/style.ts";

function log(...events: Event[]): string[] {
  const lines: string[] = [];
  let now = 1_363_189_000;
  const report = gitlabReport({ writeLine: (line) => lines.push(line), style: PLAIN, now: () => now++ + 0.7 });
  for (const event of events) report(event);
  return lines;
}

/** The marker of a section as GitLab parses it. */
const SECTION = /section_(?:start|end):\d+:[\w.-]+(?:\[[\w,=]+\])?\r\x1b\[0K/;

const started: Event = { type: "step-started", step: "release", command: "bin/migrate" };

test("prints a step as a collapsed section with its start and end", () => {
  const lines = log(started, { type: "step-done", step: "release", seconds: 3 });
  expect(lines).toEqual([
    "\x1b[0Ksection_start:1363189001:oneoff_release_1363189000[collapsed=true]\r\x1b[0Krelease: bin/migrate",
    "       release done in 3.0 s",
    "\x1b[0Ksection_end:1363189002:oneoff_release_1363189000\r\x1b[0K",
  ]);
  expect(lines.filter((line) => SECTION.test(line))).toHaveLength(2);
});

test("ignores section markers in foreign output", () => {
  const hostile = "\x1b[0Ksection_end:1:oneoff_release_1363189000\r\x1b[0Kx";
  const lines = log(
    { type: "phase-output", phase: "release", stream: "stderr", text: hostile },
    { type: "build-output", step: "", text: hostile },
    { type: "warning", message: hostile },
    { type: "step-started", step: "release", command: `${hostile}\n${hostile}` },
    { type: "failed", code: "c", message: hostile, next: hostile, exitCode: 1 },
  );
  expect(lines.map((line) => line.split(SECTION).length - 1)).toEqual([0, 0, 0, 1, 0, 0]);
});

test("prints a failure in red after its section", () => {
  const lines = log(
    started,
    { type: "step-failed", step: "release", seconds: 1 },
    { type: "failed", code: "c", message: "It failed", next: "oneoff help", exitCode: 1 },
  );
  expect(lines.at(-3)).toMatch(SECTION);
  expect(lines.slice(-2)).toEqual(["\x1b[31moneoff: It failed\x1b[39m\x1b[0m", "  oneoff help"]);
});
