import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { parseManifest } from "../../../../src/app/manifest/manifest.ts";

const timeouts = (text: string) =>
  parseManifest(Buffer.from(`{app: a, image: i, phase-timeout: ${text}}`), "/srv/oneoff.yaml", { SOON: "2m" }).apps.get(
    "a",
  )?.phaseTimeouts;

describe("reads timeouts of phases", () => {
  test.each<[text: string, expected: object]>([
    ["10m", { predeploy: 600, release: 600, postdeploy: 600, "first-postdeploy": 600 }],
    ["90", { predeploy: 90, release: 90, postdeploy: 90, "first-postdeploy": 90 }],
    ["{release: 1h30m}", { release: 5400 }],
    ["{predeploy: 5s, first-postdeploy: $SOON}", { predeploy: 5, "first-postdeploy": 120 }],
    ["{}", {}],
  ])("reads phase-timeout: %s", (text, expected) => expect(timeouts(text)).toEqual(expected));

  test.each<[text: string, problem: string]>([
    ["soon", '/srv/oneoff.yaml:1:35: "phase-timeout": expected a duration such as 90s, 10m or 1h30m, at most 24d'],
    ["{build: 5m}", '/srv/oneoff.yaml:1:36: unknown key "build"'],
    ["{relase: 5m}", '/srv/oneoff.yaml:1:36: unknown key "relase"; did you mean "release"?'],
    ["{release: never}", '/srv/oneoff.yaml:1:45: "release": expected a duration'],
    ["[5m]", '/srv/oneoff.yaml:1:35: "phase-timeout": expected'],
  ])("rejects phase-timeout: %s", (text, problem) => expect(() => timeouts(text)).toThrow(problem));
});
