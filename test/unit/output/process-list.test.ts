import { expect, test } from "vitest";
import { type ListedProcess, processList } from "../../../src/output/process-list.ts";
import { COLORED, PLAIN } from "../../../src/output/style.ts";

const NOW = Date.UTC(2013, 2, 13, 15, 38, 9) / 1000;

const one = (given: Partial<ListedProcess> = {}): ListedProcess => ({
  name: "run.7364",
  state: "starting",
  code: undefined,
  signal: undefined,
  created: NOW - 1,
  ended: undefined,
  command: "bash",
  ...given,
});
const HEADING = "run: one-off processes";

test("prints a one-off as Heroku does", () => {
  expect(processList([{ heading: HEADING, processes: [one()] }], NOW)).toBe(
    "=== run: one-off processes\nrun.7364: starting 2013/03/13 15:38:08 (~ 1s ago): `bash`\n",
  );
});

test.each<[Partial<ListedProcess>, string]>([
  [{ state: "up" }, "up"],
  [{ state: "complete", code: 0 }, "complete"],
  [{ state: "crashed", code: 1 }, "crashed (1)"],
  [{ state: "crashed" }, "crashed"],
  [{ state: "killed", code: 137, signal: "SIGKILL" }, "killed (SIGKILL)"],
])("prints %j as %s", (given, state) => {
  expect(processList([{ heading: HEADING, processes: [one(given)] }], NOW)).toContain(`\nrun.7364: ${state} 2013/`);
});

test("prints the runtime of a process that has exited", () => {
  const ended = one({ state: "complete", code: 0, created: NOW - 100, ended: NOW - 10 });
  expect(processList([{ heading: HEADING, processes: [ended] }], NOW)).toContain(
    "\nrun.7364: complete 2013/03/13 15:36:29 (~ 1m ago), ran for 1m30s: `bash`\n",
  );
});

test("separates groups and prints the command of a type in its heading", () => {
  const web = ["web.1", "web.2"].map((name) => one({ name, state: "up", command: undefined }));
  expect(
    processList(
      [
        { heading: HEADING, processes: [one()] },
        { heading: "web: rackup", processes: web },
      ],
      NOW,
    ),
  ).toBe(
    `=== run: one-off processes
run.7364: starting 2013/03/13 15:38:08 (~ 1s ago): \`bash\`

=== web: rackup
web.1: up 2013/03/13 15:38:08 (~ 1s ago)
web.2: up 2013/03/13 15:38:08 (~ 1s ago)
`,
  );
});

test("highlights headings in colour", () =>
  expect(processList([{ heading: "web: 日本", processes: [] }], NOW, { style: COLORED, columns: 10 })).toBe(
    "\x1b[1m=== web: …\x1b[22m\n",
  ));

test("prints nothing for no groups", () => expect(processList([], NOW)).toBe(""));

test("truncates lines to the terminal width", () => {
  const groups = [{ heading: `web: ${"x".repeat(100)}`, processes: [one({ command: `rake ${"y".repeat(100)}` })] }];
  const lines = (columns?: number) => processList(groups, NOW, { style: PLAIN, columns }).trimEnd().split("\n");
  expect(lines(70)).toEqual([
    `=== web: ${"x".repeat(60)}…`,
    "run.7364: starting 2013/03/13 15:38:08 (~ 1s ago): `rake yyyyyyyyyyy…`",
  ]);
  for (const line of lines(70)) expect(line).toHaveLength(70);
  expect(lines().map(({ length }) => length)).toEqual([109, 158]);
  expect(lines(200)).toEqual(lines());
});

test("truncates only what does not fit, never inside a character", () => {
  const line = (command: string, columns: number) =>
    processList([{ heading: "", processes: [one({ command })] }], NOW, { style: PLAIN, columns });
  expect(line("bash", 57)).toContain(": `bash`");
  expect(line("bash", 56)).toContain(": `ba…`");
  // Each is two columns wide.
  expect(line("😀😀😀", 56)).toContain(": `😀…`");
  expect(line("😀😀😀", 55)).toContain(": `…`");
  expect(line("bash", 10)).toContain(": `…`");
});
