import { expect, test } from "vitest";
import { settledApp } from "../../../src/deploy/settled-app.ts";
import type { ImageSummary } from "../../../src/engine/image-types.ts";
import type { ContainerSummary } from "../../../src/engine/types.ts";
import { listed, ofOneoff } from "../../support/deployed.ts";

const tagged = (number: number, ...tags: string[]): ImageSummary => ({
  ...{ Id: `sha256:r${number}`, Created: 0, RepoTags: tags.map((tag) => `oneoff/a:${tag}`) },
  Labels: { "dev.oneoff.app": "a", "dev.oneoff.release": String(number), "dev.oneoff.release.base": "sha256:i" },
});
const NOW = 1_700_000_000;
const LIVE = tagged(7, "latest", "v7");
const scale: ImageSummary = { ...tagged(1, "scale"), Labels: { "dev.oneoff.scale": "web=2 worker=1" } };
const ofKind = (kind: string, name: string) => listed(name, { "dev.oneoff.app": "a", "dev.oneoff.kind": kind });

type Case = [what: string, images: readonly ImageSummary[], containers?: readonly ContainerSummary[]];

test.each<Case>([
  ["processes of the live release", [LIVE]],
  ["older releases and a rollback", [LIVE, tagged(6, "v6", "previous"), tagged(8, "v8")]],
  ["an image before first-postdeploy, and a build cache", [LIVE, tagged(5, "v5-unmarked"), tagged(4, "oneoff-cache")]],
  ["an image that another deploy is building", [LIVE, tagged(1, `oneoff-built-${NOW - 60}-0f3c`)]],
  ["an unfinished tag of the user", [LIVE, { ...tagged(9, "v9-unfinished"), Labels: null }]],
  ["one-offs and their locks", [LIVE], [ofKind("run", "a.run.1234"), ofKind("lock", "oneoff.lock.x")]],
  ["a foreign container with inherited labels", [LIVE], [{ ...ofKind("phase", "a.x"), Names: ["/other"] }]],
])("finds the live release with %s", (_what, images, containers = []) => {
  const web = ofOneoff("a", "web");
  const found = settledApp("a", [web, ...containers], [...images, scale], NOW);
  expect(found).toMatchObject({ release: { number: 7, imageId: "sha256:r7", base: "sha256:i" }, processes: [web] });
  expect(found?.scale).toEqual(new Map([["web", 2], ["worker", 1]])); // biome-ignore format: pairs
});

test.each<Case>([
  ["without a release", []],
  ["without a live release", [tagged(7, "v7")]],
  ["whose latest was only built from a release", [tagged(7, "latest"), { ...tagged(7, "v7"), Id: "sha256:other" }]],
  ["with an unfinished deploy of the live release", [tagged(7, "latest", "v7", "v7-unfinished")]],
  ["with an unfinished deploy", [LIVE, tagged(8, "v8", "v8-unfinished")]],
  ["with a failed release", [LIVE, tagged(8, "failed")]],
  ...["oneoff-built", `oneoff-built-${NOW - 3601}-0f3c`, "oneoff-loaded", "oneoff-predeploy", "oneoff-draft"].map(
    (tag): Case => [`with the image ${tag}`, [LIVE, tagged(1, tag)]],
  ),
  ["with a deploy in progress", [LIVE], [ofKind("deploy", "a.deploy.1f")]],
  [
    "with a deploy in progress for long",
    [LIVE],
    [{ ...ofKind("deploy", "a.deploy.1f"), Names: ["/a.deploy.1f.at-7"] }],
  ],
  ["with a phase", [LIVE], [ofKind("phase", "a.release.1234")]],
  ["with a candidate", [LIVE], [{ ...ofOneoff("a", "web", 2), Names: ["/a.web.2.new"] }]],
  ["with a replaced process", [LIVE], [{ ...ofOneoff("a", "web", 2), Names: ["/a.web.2.old"] }]],
])("finds nothing %s", (_what, images, containers = []) =>
  expect(settledApp("a", [ofOneoff("a", "web"), ...containers], images, NOW)).toBeUndefined(),
);
