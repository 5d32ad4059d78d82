import { describe, expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { parsePhase } from "../../../../src/cli/run/phase-option.ts";
import { phaseArgs } from "../../../../src/deploy/phases/phase-args.ts";
import { type Phase, phaseCommand } from "../../../../src/deploy/phases/phase-command.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { releaseLabels } from "../../../../src/release/release-labels.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

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

interface World {
  /** What `oneoff/a:latest` says. */
  readonly labels?: Record<string, string>;
  readonly entrypoint?: string[];
}

async function words(phase: Phase, { labels, entrypoint }: World, wish: Partial<App> = {}, looks = true) {
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
  if (looks) engine.on("GET /images/img/json", 200, { Id: "sha256:i", Config: { Entrypoint: entrypoint } });
  return await phaseArgs(transport, { ...app, ...wish }, phase);
}

describe("a phase", () => {
  test.each(["predeploy", "release", "postdeploy", "first-postdeploy"])("%s", (phase) =>
    expect(parsePhase(phase)).toBe(phase),
  );

  test.each(["build", "schedule", "Release", ""])("%j is none", (text) =>
    expect(() => parsePhase(text)).toThrow(
      `Invalid --phase "${text}": expected predeploy, release, postdeploy or first-postdeploy`,
    ),
  );
});

describe("its words are those of the deploy", () => {
  test.each<[Phase, string]>([
    ["predeploy", "pre"],
    ["release", "migrate && seed"],
    ["postdeploy", "post"],
    ["first-postdeploy", "first"],
  ])("%s", async (phase, line) =>
    expect(await words(phase, { labels: Labels })).toEqual(phaseCommand({ phase, line }, undefined)),
  );

  test("an entrypoint's own where the image has one", async () =>
    expect(await words("predeploy", { labels: Labels, entrypoint: ["/entry"] })).toEqual(["pre"]));

  test("under the shell that oneoff.yaml names, whatever entrypoint it has done away with", async () => {
    const settings = { shell: "ash", entrypoint: [] };
    const expected = phaseCommand({ phase: "release", line: "migrate && seed" }, [], "ash");
    expect(await words("release", { labels: Labels, entrypoint: ["/entry"] }, { settings })).toEqual(expected);
  });

  test("what an app that oneoff has not deployed calls release", async () =>
    expect(await words("release", {})).toEqual(phaseCommand({ phase: "release", line: "from-yaml" }, undefined)));
});

test("a phase that there is no command for", async () => {
  await expect(words("postdeploy", {}, {}, false)).rejects.toMatchObject({
    code: "no-phase-command",
    message: 'The release of "a" that is live has no command for postdeploy',
    next: "oneoff deploy --dry-run a",
  });
  await expect(words("release", {}, { procfile: new Map() }, false)).rejects.toMatchObject({
    code: "no-phase-command",
  });
});
