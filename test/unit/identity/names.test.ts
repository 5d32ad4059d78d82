import { expect, test } from "vitest";
import {
  candidateNames,
  configName,
  detachedName,
  isDetachedName,
  isOneoffContainerName,
  matchContainerName,
  oneoffName,
  serviceName,
} from "../../../src/identity/names.ts";

const first = (count: number, random: () => number) => {
  const names = candidateNames(random);
  return Array.from({ length: count }, () => names.next().value as string);
};

test("generates names with four digits", () => {
  expect(first(1, () => 0)).toEqual(["run.1000"]);
  expect(first(1, () => 1 - Number.EPSILON / 2)).toEqual(["run.9999"]);
  expect(first(1, () => 0.5)).toEqual(["run.5500"]);
});

test("generates names of another series", () =>
  expect(candidateNames(() => 0, "release").next().value).toBe("release.1000"));

test("adds a digit after 20 names", () =>
  expect(first(41, () => 0).map((name) => name.length)).toEqual([
    ...Array(20).fill("run.1000".length),
    ...Array(20).fill("run.10000".length),
    "run.100000".length,
  ]));

test("uses a new random number for each name", () => {
  let n = 0;
  expect(first(3, () => ++n / 8)).toEqual(["run.2125", "run.3250", "run.4375"]);
});

test.each([
  ["run.7364", "run.7364"],
  ["7364", "run.7364"],
  ["run.10000000000", "run.10000000000"],
  ["cron.k3v9x2qa.7364", "cron.k3v9x2qa.7364"],
  ["cron.7364", undefined],
  ["my-app.cron.k3v9x2qa.7364", undefined],
  ["736", undefined],
  ["run.736", undefined],
  ["run.", undefined],
  ["run.7364.left", undefined],
  ["my-app.run.7364", undefined],
  ["web.7364", undefined],
  ["123456789012", undefined],
  ["7364\n", undefined],
  ["", undefined],
])("parses %j to %s", (text, name) => expect(oneoffName(text)).toBe(name));

test.each([
  ["my-app.run.7364", true],
  ["my-app.cron.k3v9x2qa.7364", true],
  ["my-app.cron.k3v9x2qa.7364.left", true],
  ["my-app.cron.1", false],
  ["my-app.web.7364", false],
])("recognizes the name of a one-off: %s", (name, isOneoff) => expect(isOneoffContainerName(name)).toBe(isOneoff));

test("marks a detached one-off in its name", () => {
  expect(detachedName("my-app.run.7364")).toBe("my-app.run.7364.left");
  expect(isDetachedName("my-app.run.7364.left")).toBe(true);
  expect(isDetachedName("my-app.run.7364")).toBe(false);
});

test("matches a detached container unless another one has its name", () => {
  const [detached, other] = [{ containerName: "debug.left" }, { containerName: "debug" }];
  expect(matchContainerName("debug", [detached])).toEqual([detached]);
  expect(matchContainerName("debug", [detached, other])).toEqual([other]);
  expect(matchContainerName("debug.left", [detached, other])).toEqual([detached]);
});

test("replaces dots in the name of a Swarm service", () =>
  expect(serviceName("my.app.run.7364")).toBe("my-app-run-7364"));

test("cuts a long name of a Swarm service, with its number and a digest of the whole", () => {
  const [name, other] = ["x", "y"].map((last) => serviceName(`${"a".repeat(70)}${last}.run.7364`));
  expect(name).toMatch(/^a{45}-[0-9a-f]{8}-run-7364$/);
  expect(name).toHaveLength(63);
  expect(other).not.toBe(name);
});

test("names a Swarm config after an app and a release", () =>
  expect(configName("oneoff.my-app", "v7")).toBe("oneoff.my-app.v7"));

test.each(["oneoff.my_app/web", "oneoff.My_app-web", `oneoff.${"a".repeat(60)}`])(
  "adds a digest to the name of a Swarm config that cannot be kept: %s",
  (start) => {
    const name = configName(start, "v7");
    expect(name).toMatch(/^oneoff\.[a-z_-]+\.[0-9a-f]{8}\.v7$/);
    expect(name.length).toBeLessThanOrEqual(64);
  },
);
