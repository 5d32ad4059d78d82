import { expect, test } from "vitest";
import { PLAIN } from "../../../src/output/style.ts";
import { type UsageRow, usageList } from "../../../src/output/usage-list.ts";

const row = (name: string, more: Partial<UsageRow> = {}): UsageRow => ({
  ...{ app: undefined, name, state: "up", created: 1000, command: "node server.js", restarts: 0 },
  ...{ cpuPercent: 12.34, memory: 46.2 * 1024 ** 2, memoryLimit: undefined },
  ...more,
});

const list = (rows: readonly UsageRow[], columns?: number) => usageList(rows, 1120, { style: PLAIN, columns });

test("prints usage in columns, with the limit of a limited container", () =>
  expect(
    list([
      row("run.7364", { cpuPercent: 100.04, restarts: undefined }),
      row("web.1", { memoryLimit: 512 * 1024 ** 2, restarts: 3 }),
      row("worker.1", { state: "crashed (1)", cpuPercent: undefined, memory: undefined }),
    ]),
  ).toBe(`\
NAME      STATE        CPU     MEMORY              RESTARTS  AGE  COMMAND
run.7364  up           100.0%  46.2 MiB                      2m   node server.js
web.1     up           12.3%   46.2 MiB / 512 MiB  3         2m   node server.js
worker.1  crashed (1)                              0         2m   node server.js
`));

test("prints the app of each row where rows may belong to several", () =>
  expect(list([row("run.1", { app: "shop" })])).toMatch(/^APP +NAME .*\nshop +run\.1 /));

test("cuts lines to the width of the terminal, the least important column first", () =>
  expect(list([row("web.1")], 40)).toBe(`\
NAME   STATE  CPU    MEMORY    RESTARTS…
web.1  up     12.3%  46.2 MiB  0       …
`));
