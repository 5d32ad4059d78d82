import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { parseAppJson } from "../../../src/app/app-json.ts";
import { releaseLabels, toRelease } from "../../../src/release/release-labels.ts";

const appJson = parseAppJson(Buffer.from("{}"));
const release = {
  ...{ app: "my-app", number: 7, base: "sha256:b", created: "2013-03-13T15:38:09.000Z" },
  ...{ procfile: new Map([["web", "./web"]]), appJson },
};

test("writes labels in the format of the files", () => {
  const scripts = parseAppJson(
    Buffer.from(
      '{"scripts": {"dokku": {"predeploy": "a"}, "postdeploy": "c"}, "formation": {"web": {"max_parallel": 2}}, "cron": [{"command": "a b", "schedule": "@daily", "concurrency_policy": "forbid"}]}',
    ),
  );
  expect(releaseLabels({ ...release, appJson: scripts })).toEqual({
    "dev.oneoff.app": "my-app",
    "dev.oneoff.release": "7",
    "dev.oneoff.release.base": "sha256:b",
    "dev.oneoff.release.created": "2013-03-13T15:38:09.000Z",
    "dev.oneoff.release.procfile": '[["web","./web"]]',
    "dev.oneoff.release.app-json":
      '{"scripts":{"dokku":{"predeploy":"a"},"postdeploy":"c"},"formation":{"web":{"max_parallel":2}},"healthchecks":{},"cron":[{"command":"a b","schedule":"@daily","maintenance":false,"concurrency_policy":"forbid"}]}',
    "dev.oneoff.release.postdeployed": "",
  });
});

describe("toRelease", () => {
  test.each([
    ["empty files", new Map<string, string>(), "{}"],
    [
      "special characters",
      new Map([["web", `'"\\\n\t\u2028\0é日\u{1f680}`]]),
      '{"scripts":{"postdeploy":"\\"\\n\\u0001é"}}',
    ],
    [
      "numeric names in order",
      new Map([
        ["2", "b"],
        ["1", "a"],
        ["__proto__", "p"],
      ]),
      '{"formation":{"2":{},"1":{"quantity":0}}}',
    ],
    [
      "health checks",
      new Map<string, string>(),
      '{"healthchecks":{"web":[{"path":"/","httpHeaders":[{"name":"A","value":""}],"attempts":1,"warn":true},{"command":["a b",""]},{"listening":true,"port":1},{"uptime":5,"name":"n","type":"liveness"}]}}',
    ],
  ])("reads labels with %s", (_what, procfile, text) => {
    const original = { ...release, procfile, appJson: parseAppJson(Buffer.from(text)), postdeployedOn: "engine:1" };
    const read = toRelease(releaseLabels(original), "sha256:i");
    expect(read).toEqual({ ...original, image: "oneoff/my-app:v7", imageId: "sha256:i" });
    expect([...(read?.procfile ?? [])]).toEqual([...procfile]);
  });
});

test("does not write values of variables to labels", () => {
  const withEnv = parseAppJson(Buffer.from('{"env": {"A": "hunter2", "B": {"value": "hunter3"}}}'));
  const labels = releaseLabels({ ...release, appJson: withEnv });
  expect(JSON.stringify(labels)).not.toContain("hunter");
  expect(toRelease(labels, "i")?.appJson.env).toEqual(new Map());
});

describe("an image without a release", () => {
  const labels = releaseLabels(release);
  test.each([
    ["without labels", undefined],
    ["with null labels", null],
    ["with other labels", { a: "b" }],
    ["without a number", { ...labels, "dev.oneoff.release": "" }],
    ["with an invalid number", { ...labels, "dev.oneoff.release": "seven" }],
    ["with number 0", { ...labels, "dev.oneoff.release": "0" }],
    ["with an invalid app.json", { ...labels, "dev.oneoff.release.app-json": "[1]" }],
  ])("returns undefined for an image %s", (_what, labels) => {
    expect(toRelease(labels, "i")).toBeUndefined();
  });
});
