import { expect, test } from "vitest";
import { planned, printPlan } from "../../../../src/cli/deploys/print-plan.ts";

test("prints a line per step, with its command or why it is skipped", () =>
  expect(
    printPlan(
      planned([
        { name: "build" },
        { name: "predeploy", command: "bin/assets --token=hunter2" },
        { name: "release", command: "bin/migrate", skipped: "in --skip" },
      ]),
    ),
  ).toBe("build\npredeploy  bin/assets --token=***\nrelease    skipped: in --skip\n"));

test("prints nothing without steps", () => expect(printPlan([])).toBe(""));
