import { expect, test } from "vitest";
import { parseAppJson } from "../../../../src/app/app-json.ts";
import { type RecordedRelease, releaseLabels } from "../../../../src/deploy/releases/release-labels.ts";
import { settleUnfinished } from "../../../../src/deploy/releases/unfinished.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const UNFINISHED = "GET /images/oneoff/a:unfinished/json";

const release = (number: number, app = "a"): RecordedRelease => ({
  ...{ app, number, image: `oneoff/${app}:v${number}`, imageId: `sha256:${number}`, base: "", created: "" },
  ...{ procfile: new Map(), appJson: parseAppJson(Buffer.from("{}")), postdeployed: false },
});
const image = (number: number, app?: string) => ({
  ...{ Id: `sha256:${number}`, Config: { Labels: releaseLabels(release(number, app)) } },
});

async function scene() {
  const engine = await fakeEngine();
  const transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  return {
    engine,
    async settle(live?: number) {
      await using _transport = transport;
      return await settleUnfinished(transport, "a", live === undefined ? undefined : release(live));
    },
  };
}

test("all was finished", async () => {
  const s = await scene();
  s.engine.on(UNFINISHED, 404, { message: "No such image" });
  expect(await s.settle(7)).toBe(false);
});

test.each([7, undefined])("what has never been live is no release any more, v%s being that", async (live) => {
  const s = await scene();
  s.engine.on(UNFINISHED, 200, image(8));
  s.engine.on("DELETE /images/oneoff/a:v8", 200, []);
  s.engine.on("DELETE /images/oneoff/a:unfinished", 200, []);
  expect(await s.settle(live)).toBe(false);
});

test("what is live has yet to be finished, and stays marked until it is", async () => {
  const s = await scene();
  s.engine.on(UNFINISHED, 200, image(8));
  expect(await s.settle(8)).toBe(true);
  expect(s.engine.lines).toEqual([UNFINISHED]);
});

test("what others have tagged so is theirs", async () => {
  const s = await scene();
  s.engine.on(UNFINISHED, 200, image(8, "other"));
  expect(await s.settle(8)).toBe(false);
  expect(s.engine.lines).toEqual([UNFINISHED]);
});

test("what the engine cannot say is told", async () => {
  const s = await scene();
  s.engine.on(UNFINISHED, 500, { message: "disk on fire" });
  await expect(s.settle()).rejects.toThrow("disk on fire");
});
