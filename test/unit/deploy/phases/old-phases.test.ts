import { expect, test } from "vitest";
import { removeOldPhases } from "../../../../src/deploy/phases/old-phases.ts";
import { openTransport } from "../../../../src/engine/transport.ts";
import { listed } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

/** `c3` is a user's container of an image that was committed from a phase. */
const phase = (Id: string) =>
  listed(`a.release.${Id}`, { "dev.oneoff.kind": "phase" }, { Id, ...(Id === "c3" && { Names: ["/copy"] }) });

const FAILED = { Id: "sha256:f", RepoTags: ["oneoff/a:failed"], Created: 0 };
const RELEASED = { "dev.oneoff.app": "a", "dev.oneoff.release": "3" };

test.each([
  ["removes a release that failed to start", RELEASED, 200, []],
  ["returns a release that failed to start, and whose container is still there", RELEASED, 409, ["oneoff/a:failed"]],
  ["keeps an image that the user tagged", {}, undefined, []],
  ["keeps a release of another app", { ...RELEASED, "dev.oneoff.app": "b" }, undefined, []],
])("%s", async (_what, Labels, status, used) => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, []);
  engine.on("GET /images/json", 200, [{ ...FAILED, Labels }]);
  if (status) engine.on("DELETE /images/oneoff/a:failed", status, status === 200 ? [] : { message: "in use" });
  expect(await removeOldPhases(transport, "a")).toEqual(used);
  expect(engine.lines.includes("DELETE /images/oneoff/a:failed")).toBe(status !== undefined);
});

test("removes phases, even if a removal is in progress, and temporary tags, but not of deploys that wait for the lock", async () => {
  await using engine = await fakeEngine({ time: 10_000 });
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, ["c1", "c2", "c3"].map(phase));
  engine.on("DELETE /containers/c1", 204);
  engine.on("DELETE /containers/c2", 409, { message: "removal of container c2 is already in progress" });
  const RepoTags = ["draft", "built", "built-4000-0f3c", "built-9000-5d2e", "built-mine", "cache"].map(
    (tag) => `oneoff/a:oneoff-${tag}`,
  );
  engine.on("GET /images/json", 200, [{ Id: "sha256:t", Created: 0, RepoTags }]);
  engine.on("DELETE /images/oneoff/a:oneoff-draft", 404, { message: "No such image" });
  engine.on("DELETE /images/oneoff/a:oneoff-built", 200, []);
  engine.on("DELETE /images/oneoff/a:oneoff-built-4000-0f3c", 200, []);
  await removeOldPhases(transport, "a");
  expect(engine.requests[0]?.query.filters).toBe('{"label":["dev.oneoff.app=a","dev.oneoff.kind=phase"]}');
});

test("throws an error of the removal", async () => {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  engine.on("GET /containers/json", 200, [phase("c1")]);
  engine.on("DELETE /containers/c1", 500, { message: "device busy" });
  await expect(removeOldPhases(transport, "a")).rejects.toThrow("device busy");
});
