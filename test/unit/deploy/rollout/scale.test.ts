import { expect, test } from "vitest";
import { writeScale } from "../../../../src/deploy/rollout/scale.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { image } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const OWN = { "dev.oneoff.scale": "web=1" };

test.each<[what: string, oldImage: object | undefined, isRemoved: boolean]>([
  ["removes the previous image", { ...image({ Labels: OWN }, "sha256:old"), RepoTags: [] }, true],
  ["keeps an image with another tag", { ...image({ Labels: OWN }, "sha256:old"), RepoTags: ["mine:1"] }, false],
  ["keeps an image without the label", { ...image({}, "sha256:old"), RepoTags: [] }, false],
  ["ignores an image that was already removed", undefined, false],
])("writing a scale %s", async (_what, oldImage, isRemoved) => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /images/oneoff/a:scale/json", 200, image({ Labels: OWN }, "sha256:old"));
  engine.on("POST /images/create", 200, {});
  if (oldImage) engine.on("GET /images/sha256:old/json", 200, oldImage);
  else engine.on("GET /images/sha256:old/json", 404, { message: "No such image" });
  if (isRemoved) engine.on("DELETE /images/sha256:old", 200, []);
  await writeScale(transport, "a", new Map([["web", 2]]));
  expect(engine.lines.some((line) => line.startsWith("DELETE"))).toBe(isRemoved);
});
