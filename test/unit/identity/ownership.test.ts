import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LABEL } from "../../../src/identity/labels.ts";
import { detachedName, heartbeatName, uniqueName } from "../../../src/identity/names.ts";
import {
  containerNameOf,
  inheritsLabels,
  isOwn,
  labelOf,
  ownLabels,
  withoutOwnLabels,
} from "../../../src/identity/ownership.ts";
import { listed } from "../../support/deployed.ts";

const named = (label: string, ...Names: string[]) => isOwn({ Names, Labels: { "dev.oneoff.container": label } });

describe("a container is oneoff's own when its label repeats its name", () => {
  test.each([
    ["my-app.run.7364", "/my-app.run.7364"],
    ["my-app.run.7364", "my-app.run.7364"],
    ["my-app.run.7364", `/${detachedName("my-app.run.7364")}`],
    ["my-app.web.1", "/my-app.web.1.new"],
    ["my-app.web.1", "/my-app.web.1.old"],
    ["my-app.deploy.0f3c", `/${heartbeatName("my-app.deploy.0f3c", 1_700_000_000.5)}`],
    ["x.old", "/x.old"],
  ])("%s as %s", (label, name) => expect(named(label, name)).toBe(true));

  test("whatever names links give it", () => {
    expect(named("db", "/web/database", "/db")).toBe(true);
    expect(named("db", "/web/db", "/other")).toBe(false);
  });

  test.each([
    ["my-app.run.7364", "/copy"],
    ["my-app.run.7364", "/my-app.run.73645"],
    ["my-app.run.7364", "/my-app.run.7364-2"],
    ["my-app.run.7364", "/my-app.run.7364.left.left"],
    ["my-app.web.1", "/my-app.web.1.newer"],
    ["my-app.web.1.old", "/my-app.web.1"],
    ["", "/.left"],
    ["", "/x"],
  ])("not %s as %s", (label, name) => expect(named(label, name)).toBe(false));

  test("and not without the label, or while it has no name", () => {
    expect(isOwn({ Names: ["/my-app.run.7364"], Labels: { "dev.oneoff.kind": "run" } })).toBe(false);
    expect(named("my-app.run.7364")).toBe(false);
  });
});

test("a container's name is the one without a slash", () => {
  expect(containerNameOf(listed("x", {}, { Names: ["/web/db", "/db"] }))).toBe("db");
  expect(containerNameOf(listed("x", {}, { Names: [] }))).toBe("");
});

test("every label that is read from a container is written, those without a value empty", () => {
  const imageOnly = new Set<string>([
    ...[LABEL.scale, LABEL.releaseBase, LABEL.releaseCreated, LABEL.releaseProcfile],
    ...[LABEL.releaseAppJson, LABEL.releasePostdeployed, LABEL.launcher],
  ]);
  const labels = ownLabels("my-app.run.1", { "com.example": "mine", [LABEL.app]: "my-app" });
  expect(Object.keys(labels).sort()).toEqual(
    ["com.example", ...Object.values(LABEL).filter((key) => !imageOnly.has(key))].sort(),
  );
  expect(Object.entries(labels).filter(([, value]) => value !== "")).toEqual([
    [LABEL.container, "my-app.run.1"],
    [LABEL.app, "my-app"],
    ["com.example", "mine"],
  ]);
});

describe("labels are inherited when the image has all of them", () => {
  const own = ownLabels("my-app.run.1", { [LABEL.app]: "my-app", [LABEL.kind]: "run", [LABEL.owner]: "a:1:1" });
  test.each([
    ["a copy", own, own, true],
    ["a copy with labels of its own", { ...own, mine: "x" }, own, true],
    ["a copy of an image with more", own, { ...own, "com.example": "x" }, true],
    ["a new one of the same name", { ...own, [LABEL.owner]: "a:2:2" }, own, false],
    ["what the image knows nothing of", own, {}, false],
    ["a process of a release", own, { [LABEL.app]: "my-app", [LABEL.release]: "3" }, false],
  ])("%s", (_, labels, ofImage, wanted) => expect(inheritsLabels(labels, ofImage)).toBe(wanted));
});

test("a release has none of the labels of a container", () => {
  const labels = { ...ownLabels("my-app.web.1", { [LABEL.app]: "my-app" }), [LABEL.releaseBase]: "b", mine: "x" };
  expect(withoutOwnLabels(labels)).toEqual({ [LABEL.releaseBase]: "b", mine: "x" });
});

test("an empty label says nothing", () => {
  expect(labelOf({ a: "" }, "a")).toBeUndefined();
  expect(labelOf({}, "a")).toBeUndefined();
  expect(labelOf({ a: "0" }, "a")).toBe("0");
});

test("a name for a container that has none of its own is never the same", () => {
  expect(uniqueName("shop/web", "deploy")).toMatch(/^shop-web\.deploy\.[0-9a-f]{12}$/);
  expect(uniqueName("a", "b")).not.toBe(uniqueName("a", "b"));
});

/** The files below `src` that have a text in them. */
const filesWith = (text: string) =>
  readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && readFileSync(`src/${file}`, "utf8").includes(text))
    .sort();

test("containers are listed by oneoff's labels in one place, which looks whose they are", () => {
  // By name, by deployers' labels, or all of them: `marksOf` and `isOwn` tell them apart. Those that use an image count whoever made them.
  expect(filesWith("listContainers(")).toEqual([
    "cli/apps/init.ts",
    "cli/completion/engine-suggestions.ts",
    "engine/containers.ts",
    "identity/ownership.ts",
    "oneoff/apps/app-list.ts",
    "oneoff/apps/find-process.ts",
    "oneoff/apps/find.ts",
    "oneoff/locks/locks.ts",
    "oneoff/lookup/find-oneoff.ts",
    "oneoff/selftest/probe-image.ts",
    "release/releases.ts",
  ]);
});

test("whatever creates a container gives it all labels", () => {
  const creating = filesWith("createContainer(").filter((file) => file !== "engine/containers.ts");
  const labelling = new Set(filesWith("ownLabels("));
  // Their bodies come from spec.ts and process-spec.ts.
  expect(creating.filter((file) => !labelling.has(file))).toEqual([
    "deploy/rollout/start-process.ts",
    "oneoff/session/container.ts",
  ]);
  expect([...labelling]).toEqual(expect.arrayContaining(["deploy/rollout/process-spec.ts", "oneoff/spec/spec.ts"]));
});
