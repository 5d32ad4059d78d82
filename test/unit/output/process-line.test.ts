import { expect, test } from "vitest";
import { humanLine } from "../../../src/output/human.ts";

const of = { type: "process", app: "shop", name: "web.1" } as const;

test.each([
  [{ ...of, state: "starting" }, "Starting web.1"],
  [{ ...of, state: "healthy" }, "web.1 is healthy"],
  [
    { ...of, state: "unhealthy", reason: "no response within 5 s", attempt: 2, maxAttempts: 3 },
    "web.1: health check failed (2/3): no response within 5 s",
  ],
  [{ ...of, state: "live" }, undefined],
  [{ ...of, state: "unchanged" }, "web.1 is already running"],
  [{ ...of, state: "stopping", stopTimeout: 30 }, "Stopping web.1 (waiting up to 30 s)"],
  [{ ...of, state: "stopped" }, "Stopped web.1"],
  [{ ...of, state: "removed" }, "Removed web.1"],
  [{ type: "process-skipped", app: "shop", processType: "web" }, "Skipping web: not in the current Procfile"],
] as const)("prints %j", (event, line) => expect(humanLine(event)).toBe(line));
