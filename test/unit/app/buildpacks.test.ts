import { describe, expect, test } from "vitest";
import { isLaunchers, type Launcher, launch, launcherOf, launchInside } from "../../../src/app/buildpacks.ts";

const metadata = (...processes: unknown[]) => ({ "io.buildpacks.build.metadata": JSON.stringify({ processes }) });
const web = { type: "web", command: ["bin/rails"], args: ["server"], direct: true };
const direct: Launcher = { kind: "cnb", isDirect: true, processes: new Map() };

describe("detects an image of buildpacks", () => {
  test.each<[what: string, labels: Record<string, string> | null, env: string[], kind: Launcher["kind"] | undefined]>([
    ["that records its processes", metadata(web), [], "cnb"],
    ["that records its layers only", { "io.buildpacks.lifecycle.metadata": "{}" }, [], "cnb"],
    ["whose label is damaged", { "io.buildpacks.build.metadata": "{" }, [], "cnb"],
    ["that dokku built with herokuish", { "com.dokku.builder-type": "herokuish" }, [], "herokuish"],
    ["that oneoff made of herokuish's", { "dev.oneoff.launcher": "herokuish" }, [], "herokuish"],
    ["with herokuish's user", {}, ["PATH=/bin", "USER=herokuishuser"], "herokuish"],
    // Stacks are for building images.
    ["that is a stack", { "io.buildpacks.stack.id": "heroku-24" }, [], undefined],
    ["of a Dockerfile of dokku's", { "com.dokku.builder-type": "dockerfile" }, ["USER=app"], undefined],
    ["without labels", null, [], undefined],
  ])("detects the launcher of an image %s", (_what, labels, env, kind) =>
    expect(launcherOf({ labels, env })?.kind).toBe(kind),
  );

  test("reads process types from the label, before and since Platform API 0.10", () => {
    const old = { type: "worker", command: "rake 'jobs:work'", args: [], direct: false };
    const quoted = { type: "console", command: ["sh", "-c"], args: ["a b"], direct: true };
    expect(launcherOf({ labels: metadata(web, old, quoted, null, {}) })).toEqual({
      kind: "cnb",
      isDirect: false,
      processes: new Map([
        ["web", "bin/rails server"],
        ["worker", "rake 'jobs:work'"],
        ["console", "sh -c 'a b'"],
      ]),
    });
    expect(launcherOf({ labels: metadata(web) })?.isDirect).toBe(true);
  });
});

describe("starts a command by the launcher", () => {
  test("passes an argv directly if the app's processes have no shell", () =>
    expect(launch(direct, ["echo", "a  b", "$c"])).toEqual({
      entrypoint: ["/cnb/lifecycle/launcher"],
      argv: ["--", "echo", "a  b", "$c"],
    }));

  test("passes one script if the app's processes have a shell, so that the launcher expands no argument", () =>
    expect(launch({ ...direct, isDirect: false }, ["echo", "a  b", "$c"]).argv).toEqual(["exec echo 'a  b' '$c'"]));

  test("runs a herokuish command with its profile unchanged", () => {
    const { entrypoint, argv } = launch({ ...direct, kind: "herokuish" }, ["echo", "a  b"]);
    expect([entrypoint, argv.slice(0, 2), argv.slice(3)]).toEqual([
      undefined,
      ["bash", "-c"],
      ["bash", "echo", "a  b"],
    ]);
  });

  test("runs by the launcher in a container that runs by the launcher as well", () => {
    expect(launchInside(direct, ["ls"])).toEqual(["/cnb/lifecycle/launcher", "--", "ls"]);
    expect(launchInside(undefined, ["ls"])).toEqual(["ls"]);
  });
});

test.each([
  [["/cnb/process/web"], true],
  [["/cnb/lifecycle/launcher"], true],
  [["launcher"], true],
  [[""], true],
  [null, true],
  [["/entry.sh"], false],
])("reports whether the launcher may replace the entrypoint %j: %s", (entrypoint, may) =>
  expect(isLaunchers(entrypoint)).toBe(may),
);
