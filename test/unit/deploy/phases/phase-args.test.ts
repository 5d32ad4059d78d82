import { describe, expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { phaseArgs } from "../../../../src/deploy/phases/phase-args.ts";
import { phaseCommand } from "../../../../src/deploy/phases/phase-command.ts";
import type { Phase } from "../../../../src/deploy/step-names.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { ownLabels } from "../../../../src/identity/ownership.ts";
import { releaseLabels } from "../../../../src/release/release-labels.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";
import { ofOwnService } from "../../../support/swarm-services.ts";

const appJson = parseAppJson(
  Buffer.from('{"scripts": {"dokku": {"predeploy": "pre", "postdeploy": "post"}, "postdeploy": "first"}}'),
);
const Labels = releaseLabels({
  ...{ app: "a", number: 7, base: "sha256:b", created: "", postdeployedOn: "here", appJson },
  procfile: new Map([["release", "migrate && seed"]]),
});
const app: App = {
  ...{ name: "a", from: "oneoff.yaml", image: "img", env: new Map(), settings: {} },
  procfile: new Map([["release", "from-yaml"]]),
};

interface Scene {
  /** The labels of `oneoff/a:latest`. */
  readonly labels?: Record<string, string>;
  readonly entrypoint?: string[];
}

async function argsOf(phase: Phase, { labels, entrypoint }: Scene, changes: Partial<App> = {}, isInspected = true) {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const none = { message: "No such image" };
  if (labels)
    engine.on("GET /images/oneoff/a:latest/json", 200, {
      Id: "sha256:r",
      RepoTags: ["oneoff/a:v7"],
      Config: { Labels: labels },
    });
  else engine.on("GET /images/oneoff/a:latest/json", 404, none);
  if (isInspected) engine.on("GET /images/img/json", 200, { Id: "sha256:i", Config: { Entrypoint: entrypoint } });
  return await phaseArgs(transport, { ...app, ...changes }, phase);
}

describe("phaseArgs returns", () => {
  test.each<[Phase, string]>([
    ["predeploy", "pre"],
    ["release", "migrate && seed"],
    ["postdeploy", "post"],
    ["first-postdeploy", "first"],
  ])("the command of %s, as in a deploy", async (phase, line) =>
    expect(await argsOf(phase, { labels: Labels })).toEqual(phaseCommand({ phase, line }, undefined)),
  );

  test("arguments for the ENTRYPOINT of the image", async () =>
    expect(await argsOf("predeploy", { labels: Labels, entrypoint: ["/entry"] })).toEqual(["pre"]));

  test("a line for the shell of oneoff.yaml, which removes the ENTRYPOINT", async () => {
    const settings = { shell: "ash", entrypoint: [] };
    const expected = phaseCommand({ phase: "release", line: "migrate && seed" }, [], "ash");
    expect(await argsOf("release", { labels: Labels, entrypoint: ["/entry"] }, { settings })).toEqual(expected);
  });

  test("the release command of an app that was not deployed", async () =>
    expect(await argsOf("release", {})).toEqual(phaseCommand({ phase: "release", line: "from-yaml" }, undefined)));
});

test("returns the command of the release that is live in a Swarm", async () => {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const Name = "oneoff.a.v1";
  const stored = {
    ...{ app: "a", number: 1, image: "sha256:i", imageId: "sha256:i", base: "sha256:i", created: "", services: {} },
    ...{ procfile: [["release", "migrate"]], appJson: "{}" },
  };
  const service = ofOwnService("a", "web");
  const labels = { "dev.oneoff.app": "a", "dev.oneoff.release": "1" };
  engine.on("GET /configs", 200, [
    {
      ...{ ID: "c", Version: { Index: 1 }, CreatedAt: service.CreatedAt, UpdatedAt: service.UpdatedAt },
      Spec: {
        Name,
        Labels: ownLabels(Name, { ...labels, "dev.oneoff.kind": "release" }),
        Data: Buffer.from(JSON.stringify(stored)).toString("base64"),
      },
    },
  ]);
  engine.on("GET /services", 200, [
    { ...service, Spec: { ...service.Spec, Labels: { ...service.Spec.Labels, ...labels } } },
  ]);
  engine.on("GET /images/img/json", 200, { Id: "sha256:i", Config: {} });
  expect(await phaseArgs(transport, app, "release", transport)).toEqual(
    phaseCommand({ phase: "release", line: "migrate" }, undefined),
  );
});

test("rejects a phase without a command", async () => {
  await expect(argsOf("postdeploy", {}, {}, false)).rejects.toMatchObject({
    code: "no-phase-command",
    message: 'The live release of "a" has no command for the postdeploy phase',
    next: "oneoff deploy --dry-run a",
  });
  await expect(argsOf("release", {}, { procfile: new Map() }, false)).rejects.toMatchObject({
    code: "no-phase-command",
  });
});
