import { expect, test } from "vitest";
import { parseAppJson } from "../../../src/app/app-json.ts";
import { recoverRelease } from "../../../src/deploy/recover-release.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { type RecordedRelease, releaseLabels } from "../../../src/release/release-labels.ts";
import { ofOneoff } from "../../support/deployed.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const LATEST = "GET /images/oneoff/a:latest/json";
const UNFINISHED = "GET /images/json";

const release = (number: number, app = "a"): RecordedRelease => ({
  ...{ app, number, image: `oneoff/${app}:v${number}`, imageId: `sha256:${number}`, base: "", created: "" },
  ...{ procfile: new Map(), appJson: parseAppJson(Buffer.from("{}")) },
});
const listed = (number: number, app = "a") => ({
  Id: `sha256:${number}`,
  RepoTags: [`oneoff/a:v${number}-unfinished`],
  Labels: releaseLabels(release(number, app)),
});

/** @param live the number of the live release. @param unfinished the marked images. */
async function scene(live: number | undefined, ...unfinished: object[]) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  if (live === undefined) engine.on(LATEST, 404, { message: "No such image" });
  else
    engine.on(LATEST, 200, {
      Id: `sha256:${live}`,
      RepoTags: [`oneoff/a:v${live}`],
      Config: { Labels: releaseLabels(release(live)) },
    });
  engine.on(UNFINISHED, 200, unfinished);
  return {
    engine,
    async recover() {
      await using _transport = transport;
      const { current, isUnfinished } = await recoverRelease({ engine: transport, report: () => {} }, "a");
      return [current?.number, isUnfinished];
    },
    /** @param numbers of the releases that have a running process. */
    running(...numbers: number[]) {
      const web = (number: number) => {
        const one = ofOneoff("a", "web", number);
        return {
          ...one,
          Labels: { ...one.Labels, "dev.oneoff.name": `web.${number}`, "dev.oneoff.release": `${number}` },
        };
      };
      engine.on("GET /containers/json", 200, numbers.map(web));
    },
  };
}

test("returns the live release if no deploy was killed", async () => {
  const s = await scene(7);
  expect(await s.recover()).toEqual([7, false]);
});

test.each([7, undefined])("discards a release that never went live (live: v%s)", async (live) => {
  const s = await scene(live, listed(8));
  s.running(...(live === undefined ? [] : [live]));
  s.engine.on("DELETE /images/oneoff/a:v8", 200, []);
  s.engine.on("DELETE /images/oneoff/a:v8-unfinished", 200, []);
  expect(await s.recover()).toEqual([live, false]);
});

test("completes a release whose processes are running", async () => {
  const s = await scene(7, listed(8));
  s.running(8);
  s.engine.on(LATEST, 404, { message: "No such image" });
  s.engine.on("POST /images/sha256:8/tag", 201);
  expect(await s.recover()).toEqual([8, true]);
  expect(s.engine.requests.at(-1)?.query).toEqual({ repo: "oneoff/a", tag: "latest" });
});

test("keeps the mark of a live release with missing steps", async () => {
  const s = await scene(8, listed(8));
  expect(await s.recover()).toEqual([8, true]);
});

test("keeps the mark of the live release if the next one failed", async () => {
  const s = await scene(8, listed(8), listed(9));
  s.running(8);
  s.engine.on("DELETE /images/oneoff/a:v9", 200, []);
  s.engine.on("DELETE /images/oneoff/a:v9-unfinished", 200, []);
  expect(await s.recover()).toEqual([8, true]);
});

test("keeps an earlier unfinished release without its mark", async () => {
  const s = await scene(8, listed(7), listed(8));
  s.engine.on("DELETE /images/oneoff/a:v7-unfinished", 200, []);
  expect(await s.recover()).toEqual([8, true]);
});

test("ignores an image that the user tagged", async () => {
  const s = await scene(8, listed(8, "other"));
  expect(await s.recover()).toEqual([8, false]);
});

test("throws an error of the engine", async () => {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on(LATEST, 500, { message: "disk on fire" });
  const unfinished = engine.on(UNFINISHED, 200, []);
  await expect(recoverRelease({ engine: transport, report: () => {} }, "a")).rejects.toThrow("disk on fire");
  await unfinished;
});
