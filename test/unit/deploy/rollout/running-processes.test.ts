import { describe, expect, test } from "vitest";
import { listRunning, planRecovery, recoverProcesses } from "../../../../src/deploy/rollout/running-processes.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { NEW_SUFFIX } from "../../../../src/identity/names.ts";
import { ofOneoff } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

type Found = Parameters<typeof planRecovery>[0][number];

/** `web.1`, `web.1.new` or `web.1.old`; with `!` what it is to replace was stopped for it, with `-` it does not run. */
const found = (word: string): Found => {
  const [, name = "", suffix = ""] = /^([a-z]+\.\d+)(?:\.(new|old))?/.exec(word) ?? [];
  return {
    id: word,
    app: "shop",
    type: name.split(".")[0] ?? "",
    name,
    release: 1,
    isRunning: !word.includes("-"),
    isUp: !word.includes("-"),
    hostPorts: [],
    part: suffix === "new" ? "coming" : suffix === "old" ? "leaving" : "placed",
    displaces: word.includes("!"),
  };
};

const recovery = (...words: string[]) =>
  Object.fromEntries(
    Object.entries(planRecovery(words.map(found))).map(([what, those]) => [
      what,
      those.map(({ id }: { id: string }) => id),
    ]),
  );
const nothing = { remove: [], restore: [], start: [], stop: [] };

describe("what somebody who was killed has left", () => {
  test.each([
    ["nothing at all", []],
    ["all in its place", ["web.1", "web.2-"]],
  ])("is nothing, where there is %s", (_, words) => expect(recovery(...words)).toEqual(nothing));

  test("waits beside what serves: it goes", () =>
    expect(recovery("web.1", "web.1.new", "worker.1.new")).toEqual({
      ...nothing,
      remove: ["web.1.new", "worker.1.new"],
    }));

  test("waits where nothing has served yet: it goes, for it never went live", () =>
    expect(recovery("web.1.new")).toEqual({ ...nothing, remove: ["web.1.new"] }));

  test("has taken some places and waits for others: the old ones get all of them back", () =>
    expect(recovery("web.1.old", "web.1", "web.2.old", "web.2.new", "worker.1", "worker.1.new")).toEqual({
      ...nothing,
      remove: ["web.2.new", "worker.1.new", "web.1"],
      restore: ["web.1.old", "web.2.old"],
    }));

  test("has taken every place: the old ones go as they were to", () =>
    expect(recovery("web.1", "web.1.old", "web.2", "web.2.old-")).toEqual({
      ...nothing,
      stop: ["web.1.old", "web.2.old-"],
    }));

  test("was about to take less away than there was: what nothing takes the place of is put back", () =>
    expect(recovery("web.1", "web.2.old")).toEqual({ ...nothing, restore: ["web.2.old"] }));

  test("had to stop what it was to replace: that is started again", () => {
    expect(recovery("web.1-", "web.1.new!", "worker.1")).toEqual({
      ...nothing,
      remove: ["web.1.new!"],
      start: ["web.1-"],
    });
    expect(recovery("web.1.old-", "web.1.new!")).toEqual({
      ...nothing,
      remove: ["web.1.new!"],
      restore: ["web.1.old-"],
      start: ["web.1.old-"],
    });
    expect(recovery("web.1.old-", "web.1!", "worker.1.old", "worker.1.new")).toEqual({
      ...nothing,
      remove: ["worker.1.new", "web.1!"],
      restore: ["web.1.old-", "worker.1.old"],
      start: ["web.1.old-"],
    });
  });

  test("waits beside what somebody has stopped: that stays stopped", () =>
    expect(recovery("web.1-", "web.1.new")).toEqual({ ...nothing, remove: ["web.1.new"] }));
});

test.each([404, 409])(
  "what never went live, and is just being removed (%i), needs no more to be done",
  async (status) => {
    await using engine = await fakeEngine();
    await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
    const web = ofOneoff("shop", "web");
    const name = `shop.web.1${NEW_SUFFIX}`;
    const Labels = { ...web.Labels, "dev.oneoff.name": "web.1", "dev.oneoff.container": name };
    const beside = { ...web, Id: "coming", Names: [`/${name}`], Labels };
    engine.on("GET /containers/json", 200, [web, beside]);
    engine.on("DELETE /containers/coming", status, { message: "removal of container coming is already in progress" });
    engine.on("GET /containers/json", 200, [web]);
    const left = await recoverProcesses(
      { engine: transport, report: () => expect.fail("something was reported") },
      "shop",
    );
    expect(left.map(({ id }) => id)).toEqual([web.Id]);
  },
);

test("a copy of a process, which has all of its labels, is none of the app's", async () => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const process = ofOneoff("shop", "web");
  engine.on("GET /containers/json", 200, [process, { ...process, Id: "copy", Names: ["/shop-debug"] }]);
  expect((await listRunning(transport, "shop")).map(({ id }) => id)).toEqual([process.Id]);
});
