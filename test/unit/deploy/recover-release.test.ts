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

/** @param live the number of what is. @param left what is marked. */
async function scene(live: number | undefined, ...left: object[]) {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  if (live === undefined) engine.on(LATEST, 404, { message: "No such image" });
  else
    engine.on(LATEST, 200, {
      Id: `sha256:${live}`,
      RepoTags: [`oneoff/a:v${live}`],
      Config: { Labels: releaseLabels(release(live)) },
    });
  engine.on(UNFINISHED, 200, left);
  return {
    engine,
    async settle() {
      await using _transport = transport;
      const { current, isUnfinished } = await recoverRelease({ engine: transport, report: () => {} }, "a");
      return [current?.number, isUnfinished];
    },
    /** Nobody starts anything else. @param numbers of the releases of what runs. */
    runs(...numbers: number[]) {
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

test("all was finished", async () => {
  const s = await scene(7);
  expect(await s.settle()).toEqual([7, false]);
});

test.each([7, undefined])("what has never been live is no release any more, v%s being that", async (live) => {
  const s = await scene(live, listed(8));
  s.runs(...(live === undefined ? [] : [live]));
  s.engine.on("DELETE /images/oneoff/a:v8", 200, []);
  s.engine.on("DELETE /images/oneoff/a:v8-unfinished", 200, []);
  expect(await s.settle()).toEqual([live, false]);
});

test("what runs in the place of what is told to be live is live", async () => {
  const s = await scene(7, listed(8));
  s.runs(8);
  s.engine.on(LATEST, 404, { message: "No such image" });
  s.engine.on("POST /images/sha256:8/tag", 201);
  expect(await s.settle()).toEqual([8, true]);
  expect(s.engine.requests.at(-1)?.query).toEqual({ repo: "oneoff/a", tag: "latest" });
});

test("what is live has yet to be finished, and stays marked until it is", async () => {
  const s = await scene(8, listed(8));
  expect(await s.settle()).toEqual([8, true]);
});

test("and stays so when the one after it has failed", async () => {
  const s = await scene(8, listed(8), listed(9));
  s.runs(8);
  s.engine.on("DELETE /images/oneoff/a:v9", 200, []);
  s.engine.on("DELETE /images/oneoff/a:v9-unfinished", 200, []);
  expect(await s.settle()).toEqual([8, true]);
});

test("what was live before it, and was not finished either, stays a release", async () => {
  const s = await scene(8, listed(7), listed(8));
  s.engine.on("DELETE /images/oneoff/a:v7-unfinished", 200, []);
  expect(await s.settle()).toEqual([8, true]);
});

test("what others have tagged so is theirs", async () => {
  const s = await scene(8, listed(8, "other"));
  expect(await s.settle()).toEqual([8, false]);
});

test("what the engine cannot say is told", async () => {
  const engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on(LATEST, 500, { message: "disk on fire" });
  engine.on(UNFINISHED, 200, []);
  await expect(recoverRelease({ engine: transport, report: () => {} }, "a")).rejects.toThrow("disk on fire");
});
