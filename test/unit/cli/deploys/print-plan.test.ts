import { expect, test } from "vitest";
import { planned, printPlan } from "../../../../src/cli/deploys/print-plan.ts";

test("a step a line: what it runs, why it does nothing, or neither", () =>
  expect(
    printPlan(
      planned([
        { name: "build" },
        { name: "predeploy", command: "bin/assets --token=hunter2" },
        { name: "release", command: "bin/migrate", skipped: "in --skip" },
      ]),
    ),
  ).toBe("build\npredeploy  bin/assets --token=***\nrelease    skipped: in --skip\n"));

test("no steps are no lines", () => expect(printPlan([])).toBe(""));
