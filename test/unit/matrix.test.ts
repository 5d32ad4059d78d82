import { glob } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ENGINELESS, GROUPS, groupOf, LONGEST, QUICK } from "../matrix/groups.ts";
import type { Outcome } from "../matrix/reporter.ts";
import { failures, passed, reasons, table, updated } from "../matrix/table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = await Array.fromAsync(glob("test/{engine,e2e}/*.test.ts", { cwd: root }));

test("Each file of tests on an engine has one column of the matrix, or a reason to be in none", () => {
  expect(files.length).toBeGreaterThan(40);
  const placed = files.filter((file) => !ENGINELESS.includes(file));
  expect(placed.map(groupOf).every((group) => group in GROUPS)).toBe(true);
  expect(Object.values(GROUPS).flat()).toHaveLength(placed.length);
});

test("No file is named that is not there", () => {
  expect([...QUICK, ...ENGINELESS, ...LONGEST].filter((file) => !files.includes(file))).toEqual([]);
});

test("What is run again takes the place of what was, file by file", () => {
  const engine = { name: "docker", version: "28.5.2", api: "1.51", containerd: false, rootless: false } as never;
  const outcome = (file: string, name: string, state: Outcome["state"]): Outcome => ({ file, test: name, state });
  const before = [outcome("run", "old", "failed"), outcome("run", "gone", "passed"), outcome("exec", "one", "passed")];
  const now = [outcome("run", "old", "passed")];
  expect(updated({ engine, outcomes: before }, { engine, outcomes: now }).outcomes).toEqual([before[2], ...now]);
  expect(updated(undefined, { engine, outcomes: now }).outcomes).toEqual(now);
});

describe("the table", () => {
  const notRun = {
    name: "podman-5.8-rootless",
    told: { notRun: "the kernel refuses a network device (no such device)" },
  };
  const broken = { name: "docker-28.5", told: { broken: "no outcome: see the log" } };
  const facts = { name: "docker", version: "28.5.2+dfsg4", api: "1.51", containerd: false, rootless: true } as const;
  const outcome = { file: "test/e2e/run.test.ts", test: "one" };
  const ran = (...outcomes: Pick<Outcome, "state" | "note">[]) => ({
    name: "docker-28.5-rootless",
    told: {
      engine: { ...facts, limits: false, ours: true },
      outcomes: outcomes.map((more) => ({ ...outcome, ...more })),
    },
  });

  test("says why an engine was not run, which is no failure", () => {
    const rows = [ran({ state: "passed" }, { state: "skipped", note: "it limits nothing" }), notRun];
    expect(
      table(rows)
        .split("\n")
        .map((line) => line.replace(/ +/g, " ")),
    ).toEqual([
      "| engine | run | one-offs | apps | deploys |",
      expect.stringMatching(/^\| -+ \| -+ \| -+ \| -+ \| -+ \|$/),
      "| Docker Engine 28.5.2, rootless | 1, 1 skipped | | | |",
      "| podman-5.8-rootless | not run: the kernel refuses a network device (no such device) | | | |",
    ]);
    expect(reasons(rows)).toBe("- it limits nothing (docker-28.5-rootless 1)");
    expect([failures(rows), passed(rows)]).toEqual(["", true]);
  });

  test("of an engine that came to nothing, or whose test failed, is one of failures", () => {
    expect(table([broken])).toContain("| docker-28.5 | no outcome: see the log |");
    expect(passed([notRun, broken])).toBe(false);
    const rows = [ran({ state: "failed", note: "boom" })];
    expect(passed(rows)).toBe(false);
    expect(failures(rows)).toBe("docker-28.5-rootless: test/e2e/run.test.ts: one\n  boom");
  });
});
