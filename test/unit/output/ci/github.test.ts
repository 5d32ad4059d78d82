import { expect, test } from "vitest";
import { githubReport } from "../../../../src/output/ci/github.ts";
import type { Event } from "../../../../src/output/events.ts";
import { PLAIN } from "../../../../src/output/style.ts";
import { obeyed } from "../../../support/github-runner.ts";

/** The log and the job summary after these events. */
function log(...events: Event[]) {
  const lines: string[] = [];
  let page = "";
  let tokens = 0;
  const report = githubReport({
    writeLine: (line) => lines.push(line),
    style: PLAIN,
    now: () => 0,
    token: () => `token${++tokens}`,
    appendSummary: (markdown) => {
      page += markdown;
    },
  });
  for (const event of events) report(event);
  return { lines, page };
}

const started: Event = { type: "step-started", step: "release", command: "bin/migrate 100%" };
const done: Event = { type: "step-done", step: "release", seconds: 3 };
const output = (text: string): Event => ({ type: "phase-output", phase: "release", stream: "stdout", text });

test("prints a step as a group and stops commands during its output", () =>
  expect(log(started, output("one"), output("two"), done).lines).toEqual([
    "::group::release: bin/migrate 100%25",
    "::stop-commands::token1",
    "release: one",
    "release: two",
    "       release done in 3.0 s",
    "::token1::",
    "::endgroup::",
  ]));

test("never executes commands in foreign output", () => {
  const hostile = ["::error::no", "  ::set-env name=A::b", "##[group]x", "a\r::error::no", "::stop-commands::t"];
  const events: Event[] = [
    { type: "build-step", step: "::error::[1/1] RUN x", cached: false },
    ...hostile.map((text): Event => ({ type: "build-output", step: "", text })),
    ...hostile.map(output),
    { type: "warning", message: hostile.join("\n") },
    {
      type: "process",
      app: "a",
      name: "web.1",
      state: "unhealthy",
      ...{ check: "GET /", summary: "", reason: hostile.join("\n") },
      attempt: 2,
      maxAttempts: 2,
    },
    { type: "failed", code: "c", message: hostile.join("\n"), next: "::error::no", exitCode: 1 },
  ];
  expect(obeyed(log(started, ...events.slice(0, -1), done, ...events.slice(-1)).lines.join("\n"))).toEqual([
    "group",
    "warning",
    "endgroup",
    "error",
  ]);
  // Also outside a step.
  expect(obeyed(log(...events).lines.join("\n"))).toEqual(["warning", "error"]);
});

test("annotates a failure on one line after its group", () => {
  const { lines } = log(
    started,
    { type: "step-failed", step: "release", seconds: 1 },
    { type: "failed", code: "phase-failed", message: "It failed: 50%\n  last line", next: "oneoff run", exitCode: 1 },
  );
  expect(lines.slice(-2)).toEqual([
    "::endgroup::",
    "::error title=oneoff%3A phase-failed::It failed: 50%25%0A  last line%0A  oneoff run",
  ]);
});

test("adds steps, durations and the error to the job summary", () => {
  const { page } = log(
    {
      ...{ type: "summary", app: "my-app", outcome: "failed", release: undefined, seconds: 70 },
      steps: [
        { step: "build", outcome: "skipped", seconds: 0 },
        { step: "release", outcome: "failed", seconds: 1.25 },
      ],
    },
    { type: "failed", code: "c", message: "a ``` in it", next: "oneoff help", exitCode: 1 },
  );
  expect(page).toBe(`\
### my-app failed

| Step |  | Time |
| --- | --- | ---: |
| build | skipped |  |
| release | failed | 1.3 s |
| total |  | 1 min 10 s |

\`\`\`\`
a \`\`\` in it
  oneoff help
\`\`\`\`

`);
});

test("names the live release in the job summary", () =>
  expect(log({ type: "summary", app: "a", outcome: "deployed", release: 7, seconds: 1, steps: [] }).page).toMatch(
    /^### a v7 is live\n/,
  ));
