import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import { parseAppJson } from "../../../src/app/app-json.ts";
import { releaseLabels, toRelease } from "../../../src/release/release-labels.ts";

const appJson = parseAppJson(Buffer.from("{}"));
const release = {
  ...{ app: "my-app", number: 7, base: "sha256:b", created: "2013-03-13T15:38:09.000Z" },
  ...{ procfile: new Map([["web", "./web"]]), appJson },
};

test("labels read as people would write it", () => {
  const scripts = parseAppJson(
    Buffer.from(
      '{"scripts": {"dokku": {"predeploy": "a"}, "postdeploy": "c"}, "formation": {"web": {"max_parallel": 2}}}',
    ),
  );
  expect(releaseLabels({ ...release, appJson: scripts })).toEqual({
    "dev.oneoff.app": "my-app",
    "dev.oneoff.release": "7",
    "dev.oneoff.release.base": "sha256:b",
    "dev.oneoff.release.created": "2013-03-13T15:38:09.000Z",
    "dev.oneoff.release.procfile": '[["web","./web"]]',
    "dev.oneoff.release.app-json":
      '{"scripts":{"dokku":{"predeploy":"a"},"postdeploy":"c"},"formation":{"web":{"max_parallel":2}},"healthchecks":{}}',
    "dev.oneoff.release.postdeployed": "",
  });
});

describe("what goes into labels comes out of them", () => {
  test.each([
    ["nothing", new Map<string, string>(), "{}"],
    [
      "quotes, lines and other scripts",
      new Map([["web", `'"\\\n\t\u2028\0é日\u{1f680}`]]),
      '{"scripts":{"postdeploy":"\\"\\n\\u0001é"}}',
    ],
    [
      "names that are numbers, in their order",
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
  ])("%s", (_what, procfile, text) => {
    const whole = { ...release, procfile, appJson: parseAppJson(Buffer.from(text)), postdeployedOn: "engine:1" };
    const read = toRelease(releaseLabels(whole), "sha256:i");
    expect(read).toEqual({ ...whole, image: "oneoff/my-app:v7", imageId: "sha256:i" });
    expect([...(read?.procfile ?? [])]).toEqual([...procfile]);
  });
});

test("values of variables do not go into labels", () => {
  const withEnv = parseAppJson(Buffer.from('{"env": {"A": "hunter2", "B": {"value": "hunter3"}}}'));
  const labels = releaseLabels({ ...release, appJson: withEnv });
  expect(JSON.stringify(labels)).not.toContain("hunter");
  expect(toRelease(labels, "i")?.appJson.env).toEqual(new Map());
});

describe("an image is no release", () => {
  const labels = releaseLabels(release);
  test.each([
    ["without labels", undefined],
    ["with none", null],
    ["with those of others", { a: "b" }],
    ["without a number", { ...labels, "dev.oneoff.release": "" }],
    ["with a number that is none", { ...labels, "dev.oneoff.release": "seven" }],
    ["with a number that no release has", { ...labels, "dev.oneoff.release": "0" }],
    ["with an app.json that cannot be read", { ...labels, "dev.oneoff.release.app-json": "[1]" }],
  ])("%s", (_what, labels) => {
    expect(toRelease(labels, "i")).toBeUndefined();
  });
});
