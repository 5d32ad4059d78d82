import { describe, expect, test } from "vitest";
import { parseAppJson } from "../../../src/app/app-json.ts";
import { type DeployFacts, maskStepCommand, parseStep, planDeploy } from "../../../src/deploy/plan.ts";
import { STEPS } from "../../../src/deploy/step-names.ts";

const appJson = (text: object) => parseAppJson(Buffer.from(JSON.stringify(text)));
const all = appJson({ scripts: { dokku: { predeploy: "bin/pre", postdeploy: "bin/post" }, postdeploy: "bin/seed" } });
const facts: DeployFacts = {
  source: { kind: "build", folder: "." },
  procfile: new Map([["release", "bin/migrate"]]),
  appJson: all,
  searchedPaths: { procfile: "./Procfile", appJson: "./app.json" },
  isFirst: true,
  choice: {},
};
const plan = (changes: Partial<DeployFacts> = {}) =>
  planDeploy({ ...facts, ...changes }).map(({ name, command, skipped }) => [name, command, skipped]);
const kept = (changes: Partial<DeployFacts> = {}) =>
  planDeploy({ ...facts, ...changes })
    .filter(({ skipped }) => skipped === undefined)
    .map(({ name }) => name);

test("lists all steps in order", () =>
  expect(plan()).toEqual([
    ["build", undefined, undefined],
    ["predeploy", "bin/pre", undefined],
    ["release", "bin/migrate", undefined],
    ["schedule", undefined, undefined],
    ["postdeploy", "bin/post", undefined],
    ["first-postdeploy", "bin/seed", undefined],
  ]));

test("skips a phase without a command and names the searched file", () =>
  expect(plan({ procfile: new Map([["web", "puma"]]), appJson: appJson({}) })).toEqual([
    ["build", undefined, undefined],
    ["predeploy", undefined, "no scripts.dokku.predeploy in app.json (looked in ./app.json)"],
    ["release", undefined, "no release command in Procfile (looked in ./Procfile)"],
    ["schedule", undefined, undefined],
    ["postdeploy", undefined, "no scripts.dokku.postdeploy in app.json (looked in ./app.json)"],
    ["first-postdeploy", undefined, "no scripts.postdeploy in app.json (looked in ./app.json)"],
  ]));

test.each([
  [{ kind: "image", reference: "app:v1" }, "the image is app:v1"],
  [{ kind: "archive", file: "app.tar" }, "the image is from app.tar"],
] as const)("skips the build of an existing image: %j", (source, why) =>
  expect(plan({ source })[0]).toEqual(["build", undefined, why]),
);

test("skips first-postdeploy after its first success", () =>
  expect(plan({ isFirst: false }).at(-1)).toEqual([
    "first-postdeploy",
    "bin/seed",
    "it has succeeded before, and runs only once per app",
  ]));

describe("step options", () => {
  test.each<[DeployFacts["choice"], string[]]>([
    [{ only: ["release"] }, ["build", "release"]],
    [{ skip: ["release", "schedule"] }, ["build", "predeploy", "postdeploy", "first-postdeploy"]],
    [{ from: "schedule" }, ["build", "schedule", "postdeploy", "first-postdeploy"]],
    [{ from: "release", skip: ["postdeploy"] }, ["build", "release", "schedule", "first-postdeploy"]],
    [{ from: "build" }, [...STEPS]],
  ])("selects the steps of %j", (choice, steps) => expect(kept({ choice })).toEqual(steps));

  test.each<[DeployFacts["choice"], string]>([
    [{ only: ["schedule"] }, "not in --only"],
    [{ skip: ["release"] }, "in --skip"],
    [{ from: "schedule" }, "before --from schedule"],
  ])("gives the reason for a skipped step: %j", (choice, why) =>
    expect(plan({ choice })[2]).toEqual(["release", "bin/migrate", why]),
  );

  test("rejects an unknown step", () => {
    expect(parseStep("release", "--only")).toBe("release");
    expect(() => parseStep("relase", "--only")).toThrow('--only: unknown step "relase"; did you mean "release"?');
    expect(() => parseStep("xyz", "--skip")).toThrow(
      '--skip: unknown step "xyz"; expected "build", "predeploy", "release", "schedule", "postdeploy" or "first-postdeploy"',
    );
  });
});

test("masks secrets in the command of a step", () => {
  expect(maskStepCommand({ name: "release", command: "migrate --password=hunter2" })).toBe("migrate --password=***");
  expect(maskStepCommand({ name: "build" })).toBeUndefined();
});
