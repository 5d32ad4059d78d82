import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { ENGINELESS, GROUPS, groupOf, LONGEST, QUICK } from "../matrix/groups.ts";
import type { Outcome } from "../matrix/reporter.ts";
import { failures, passed, reasons, table, updated } from "../matrix/table.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = await Array.fromAsync(glob("test/{engine,e2e}/*.test.ts", { cwd: root }));

test("assigns each engine test file to one column of the matrix, or to a reason for none", () => {
  expect(files.length).toBeGreaterThan(40);
  const placed = files.filter((file) => !ENGINELESS.includes(file));
  expect(placed.map(groupOf).every((group) => group in GROUPS)).toBe(true);
  expect(Object.values(GROUPS).flat()).toHaveLength(placed.length);
});

test("names only files that exist", () => {
  expect([...QUICK, ...ENGINELESS, ...LONGEST].filter((file) => !files.includes(file))).toEqual([]);
});

test("reaps on private engines only: reap would stop the one-offs of other tests whose owner was killed", async () => {
  const reaps = async (file: string) => {
    const text = await readFile(join(root, file), "utf8");
    return /"reap"(?!, "--dry-run")/.test(text) && !/startEngine\(|startSwarm\(/.test(text);
  };
  expect(await Promise.all(files.map(async (file) => ((await reaps(file)) ? file : [])))).toEqual(files.map(() => []));
});

test("replaces earlier results of the same file", () => {
  const engine = { name: "docker", version: "28.5.2", api: "1.51", containerd: false, rootless: false } as never;
  const outcome = (file: string, name: string, state: Outcome["state"]): Outcome => ({ file, test: name, state });
  const before = [outcome("run", "old", "failed"), outcome("run", "gone", "passed"), outcome("exec", "one", "passed")];
  const now = [outcome("run", "old", "passed")];
  expect(updated({ engine, outcomes: before }, { engine, outcomes: now }).outcomes).toEqual([before[2], ...now]);
  expect(updated(undefined, { engine, outcomes: now }).outcomes).toEqual(now);
});

describe("renders the table", () => {
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

  test("names the reason why an engine was skipped, without a failure", () => {
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

  test("reports failure if an engine has no result or a failed test", () => {
    expect(table([broken])).toContain("| docker-28.5 | no outcome: see the log |");
    expect(passed([notRun, broken])).toBe(false);
    const rows = [ran({ state: "failed", note: "boom" })];
    expect(passed(rows)).toBe(false);
    expect(failures(rows)).toBe("docker-28.5-rootless: test/e2e/run.test.ts: one\n  boom");
  });
});
