import { expect, test } from "vitest";
import { humanLine } from "../../../src/output/human.ts";

const of = { type: "process", app: "shop", name: "web.1" } as const;

test.each([
  [{ ...of, step: "starting" }, "Starting web.1 of shop"],
  [{ ...of, step: "well" }, "web.1 of shop is well"],
  [
    { ...of, step: "unwell", reason: "no answer within 5 s", tries: 2, attempts: 3 },
    "web.1 of shop is not well yet (2 of 3): no answer within 5 s",
  ],
  [{ ...of, step: "live" }, undefined],
  [{ ...of, step: "kept" }, "web.1 of shop runs already"],
  [{ ...of, step: "stopping", grace: 30 }, "Stopping web.1 of shop, which has 30 s to end"],
  [{ ...of, step: "stopped" }, "Stopping web.1 of shop... done"],
  [{ ...of, step: "removed" }, "Removing web.1 of shop... done"],
  [{ type: "process-skipped", app: "shop", process: "web" }, "Skipping web as it is missing from the current Procfile"],
] as const)("%j", (event, line) => expect(humanLine(event)).toBe(line));
