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

const isOwnAs = (label: string, ...Names: string[]) => isOwn({ Names, Labels: { "dev.oneoff.container": label } });

describe("isOwn", () => {
  test.each([
    ["my-app.run.7364", "/my-app.run.7364"],
    ["my-app.run.7364", "my-app.run.7364"],
    ["my-app.run.7364", `/${detachedName("my-app.run.7364")}`],
    ["my-app.web.1", "/my-app.web.1.new"],
    ["my-app.web.1", "/my-app.web.1.old"],
    ["my-app.deploy.0f3c", `/${heartbeatName("my-app.deploy.0f3c", 1_700_000_000.5)}`],
    ["x.old", "/x.old"],
  ])("accepts label %s with name %s", (label, name) => expect(isOwnAs(label, name)).toBe(true));

  test("ignores names of links", () => {
    expect(isOwnAs("db", "/web/database", "/db")).toBe(true);
    expect(isOwnAs("db", "/web/db", "/other")).toBe(false);
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
  ])("rejects label %s with name %s", (label, name) => expect(isOwnAs(label, name)).toBe(false));

  test("rejects a container without the label or without a name", () => {
    expect(isOwn({ Names: ["/my-app.run.7364"], Labels: { "dev.oneoff.kind": "run" } })).toBe(false);
    expect(isOwnAs("my-app.run.7364")).toBe(false);
  });
});

test("returns the container name without a slash", () => {
  expect(containerNameOf(listed("x", {}, { Names: ["/web/db", "/db"] }))).toBe("db");
  expect(containerNameOf(listed("x", {}, { Names: [] }))).toBe("");
});

test("writes every label of containers, with empty defaults", () => {
  const notOfContainers = new Set<string>([
    ...[LABEL.scale, LABEL.releaseBase, LABEL.releaseCreated, LABEL.releaseProcfile, LABEL.releaseAppJson],
    ...[LABEL.releasePostdeployed, LABEL.releaseLive, LABEL.releaseUnfinished, LABEL.launcher],
  ]);
  const labels = ownLabels("my-app.run.1", { "com.example": "mine", [LABEL.app]: "my-app" });
  expect(Object.keys(labels).sort()).toEqual(
    ["com.example", ...Object.values(LABEL).filter((key) => !notOfContainers.has(key))].sort(),
  );
  expect(Object.entries(labels).filter(([, value]) => value !== "")).toEqual([
    [LABEL.container, "my-app.run.1"],
    [LABEL.app, "my-app"],
    ["com.example", "mine"],
  ]);
});

describe("inheritsLabels", () => {
  const own = ownLabels("my-app.run.1", { [LABEL.app]: "my-app", [LABEL.kind]: "run", [LABEL.owner]: "a:1:1" });
  test.each([
    ["a copy", own, own, true],
    ["a copy with more labels", { ...own, mine: "x" }, own, true],
    ["a copy of an image with more labels", own, { ...own, "com.example": "x" }, true],
    ["a new container with the same name", { ...own, [LABEL.owner]: "a:2:2" }, own, false],
    ["an image without labels", own, {}, false],
    ["a process of a release", own, { [LABEL.app]: "my-app", [LABEL.release]: "3" }, false],
  ])("compares labels of %s", (_, labels, imageLabels, expected) =>
    expect(inheritsLabels(labels, imageLabels)).toBe(expected),
  );
});

test("removes labels of containers from a release", () => {
  const labels = { ...ownLabels("my-app.web.1", { [LABEL.app]: "my-app" }), [LABEL.releaseBase]: "b", mine: "x" };
  expect(withoutOwnLabels(labels)).toEqual({ [LABEL.releaseBase]: "b", mine: "x" });
});

test("treats an empty label as absent", () => {
  expect(labelOf({ a: "" }, "a")).toBeUndefined();
  expect(labelOf({}, "a")).toBeUndefined();
  expect(labelOf({ a: "0" }, "a")).toBe("0");
});

test("generates unique names", () => {
  expect(uniqueName("shop/web", "deploy")).toMatch(/^shop-web\.deploy\.[0-9a-f]{12}$/);
  expect(uniqueName("a", "b")).not.toBe(uniqueName("a", "b"));
});

/** Files of `src` that contain a text. */
const filesWith = (text: string) =>
  readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && readFileSync(`src/${file}`, "utf8").includes(text))
    .sort();

test("lists containers only in known files", () => {
  // These list containers by name, by labels of deployers, by image, or all, and check ownership themselves.
  expect(filesWith("listContainers(")).toEqual([
    "cli/apps/init.ts",
    "cli/completion/lookup.ts",
    "deploy/settled-app.ts",
    "engine/containers.ts",
    "identity/ownership.ts",
    "oneoff/apps/app-list.ts",
    "oneoff/apps/find-process.ts",
    "oneoff/apps/find.ts",
    "oneoff/compose/siblings.ts",
    "oneoff/locks/locks.ts",
    "oneoff/logs/log-request.ts",
    "oneoff/logs/process-followers.ts",
    "oneoff/lookup/find-oneoff.ts",
    "oneoff/reaping/reap-swarm.ts",
    "oneoff/selftest/probe-image.ts",
    "oneoff/session/published-ports.ts",
    "oneoff/swarm/holder/holder.ts",
    "oneoff/swarm/services/relocate.ts",
    "release/releases.ts",
  ]);
});

test("creates containers with all labels", () => {
  const creators = filesWith("createContainer(").filter((file) => file !== "engine/containers.ts");
  const labellers = new Set(filesWith("ownLabels("));
  // Their requests are built in spec.ts and process-spec.ts.
  expect(creators.filter((file) => !labellers.has(file))).toEqual([
    "deploy/rollout/start-process.ts",
    "oneoff/session/container.ts",
  ]);
  expect([...labellers]).toEqual(expect.arrayContaining(["deploy/rollout/process-spec.ts", "oneoff/spec/spec.ts"]));
});
