import { expect, test } from "vitest";
import { parsePhase } from "../../../../src/cli/run/phase-option.ts";

test.each(["predeploy", "release", "postdeploy", "first-postdeploy"])("--phase accepts %s", (phase) =>
  expect(parsePhase(phase)).toBe(phase),
);

test.each(["build", "schedule", "Release", ""])("--phase rejects %j", (text) =>
  expect(() => parsePhase(text)).toThrow(
    `Invalid --phase "${text}": expected predeploy, release, postdeploy or first-postdeploy`,
  ),
);
