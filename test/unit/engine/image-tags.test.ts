import { describe, expect, test } from "vitest";
import { commitContainer, removeImage, tagImage } from "../../../src/engine/image-tags.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const transportTo = (socketPath: string) => openTransport(() => ({ socketPath, from: "--host" }));

test("tags an image, with any text before the last colon", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  engine.on("POST /images/sha256:i/tag", 201);
  await tagImage(transport, "sha256:i", "host:5000/a:latest");
  expect(engine.requests[0]?.query).toEqual({ repo: "host:5000/a", tag: "latest" });
});

test("commits a container with a Config, without pausing it", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  engine.on("POST /commit", 201, { Id: "sha256:i" });
  await commitContainer(transport, "c", { Cmd: ["x"] }, "oneoff/a:draft");
  expect(engine.requests[0]).toMatchObject({
    ...{ query: { container: "c", repo: "oneoff/a", tag: "draft", pause: "0" }, body: { Cmd: ["x"] } },
  });
});

describe("removes an image", () => {
  test.each([
    [200, true],
    [404, true],
    [409, false],
  ])("reports whether an image is removed for status %i: %s", async (status, gone) => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    engine.on("DELETE /images/oneoff/a:v1", status, status === 200 ? [] : { message: "no" });
    expect(await removeImage(transport, "oneoff/a:v1")).toBe(gone);
    expect(engine.requests[0]?.query).toEqual({});
  });

  test("fails if an image cannot be removed", async () => {
    await using engine = await fakeEngine();
    await using transport = transportTo(engine.socketPath);
    engine.on("DELETE /images/oneoff/a:v1", 500, { message: "disk" });
    await expect(removeImage(transport, "oneoff/a:v1")).rejects.toThrow("disk");
  });
});
