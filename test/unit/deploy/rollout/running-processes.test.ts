import { describe, expect, test } from "vitest";
import { listRunning, planRecovery, recoverProcesses } from "../../../../src/deploy/rollout/running-processes.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { NEW_SUFFIX } from "../../../../src/identity/names.ts";
import { ofOneoff } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

type Process = Parameters<typeof planRecovery>[0][number];

/** @param spec `web.1`, `web.1.new` or `web.1.old`; `!` if its old process was stopped for it, `-` if it is not running. */
const parseProcess = (spec: string): Process => {
  const [, name = "", suffix = ""] = /^([a-z]+\.\d+)(?:\.(new|old))?/.exec(spec) ?? [];
  return {
    id: spec,
    app: "shop",
    type: name.split(".")[0] ?? "",
    name,
    release: 1,
    isRunning: !spec.includes("-"),
    isUp: !spec.includes("-"),
    hostPorts: [],
    role: suffix === "new" ? "candidate" : suffix === "old" ? "old" : "live",
    displaces: spec.includes("!"),
  };
};

const recovery = (...specs: string[]) =>
  Object.fromEntries(
    Object.entries(planRecovery(specs.map(parseProcess))).map(([action, processes]) => [
      action,
      processes.map(({ id }: { id: string }) => id),
    ]),
  );
const nothing = { remove: [], restore: [], start: [], stop: [] };

describe("planRecovery", () => {
  test.each([
    ["no processes", []],
    ["live processes only", ["web.1", "web.2-"]],
  ])("does nothing with %s", (_, specs) => expect(recovery(...specs)).toEqual(nothing));

  test("removes candidates beside live processes", () =>
    expect(recovery("web.1", "web.1.new", "worker.1.new")).toEqual({
      ...nothing,
      remove: ["web.1.new", "worker.1.new"],
    }));

  test("removes candidates of a first deploy", () =>
    expect(recovery("web.1.new")).toEqual({ ...nothing, remove: ["web.1.new"] }));

  test("restores all old processes if a candidate is left", () =>
    expect(recovery("web.1.old", "web.1", "web.2.old", "web.2.new", "worker.1", "worker.1.new")).toEqual({
      ...nothing,
      remove: ["web.2.new", "worker.1.new", "web.1"],
      restore: ["web.1.old", "web.2.old"],
    }));

  test("stops old processes if no candidate is left", () =>
    expect(recovery("web.1", "web.1.old", "web.2", "web.2.old-")).toEqual({
      ...nothing,
      stop: ["web.1.old", "web.2.old-"],
    }));

  test("restores an old process without a replacement", () =>
    expect(recovery("web.1", "web.2.old")).toEqual({ ...nothing, restore: ["web.2.old"] }));

  test("starts old processes again that were stopped for a candidate", () => {
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

  test("does not start a process that the user stopped", () =>
    expect(recovery("web.1-", "web.1.new")).toEqual({ ...nothing, remove: ["web.1.new"] }));
});

test.each([404, 409])("ignores a candidate that is already being removed (%i)", async (status) => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const web = ofOneoff("shop", "web");
  const name = `shop.web.1${NEW_SUFFIX}`;
  const Labels = { ...web.Labels, "dev.oneoff.name": "web.1", "dev.oneoff.container": name };
  const candidate = { ...web, Id: "candidate", Names: [`/${name}`], Labels };
  engine.on("GET /containers/json", 200, [web, candidate]);
  engine.on("DELETE /containers/candidate", status, {
    message: "removal of container candidate is already in progress",
  });
  engine.on("GET /containers/json", 200, [web]);
  const live = await recoverProcesses(
    { engine: transport, report: () => expect.fail("something was reported") },
    "shop",
  );
  expect(live.map(({ id }) => id)).toEqual([web.Id]);
});

test("does not list a copy of a process with all its labels", async () => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  const process = ofOneoff("shop", "web");
  engine.on("GET /containers/json", 200, [process, { ...process, Id: "copy", Names: ["/shop-debug"] }]);
  expect((await listRunning(transport, "shop")).map(({ id }) => id)).toEqual([process.Id]);
});
