import { expect, test } from "vitest";
import { listImages } from "../../../src/engine/images.ts";
import { openTransport } from "../../../src/engine/transport.ts";
import { fakeEngine } from "../../support/fake-engine.ts";

const transportTo = (socketPath: string) => openTransport(() => ({ socketPath, from: "--host" }));

test("lists images by a reference or pattern", async () => {
  await using engine = await fakeEngine();
  await using transport = transportTo(engine.socketPath);
  const found = [{ Id: "sha256:1", RepoTags: ["oneoff/a:latest"] }];
  engine.on("GET /images/json", 200, found);
  expect(await listImages(transport, "oneoff/*:latest")).toEqual(found);
  expect(engine.requests[0]?.query).toEqual({ filters: '{"reference":["oneoff/*:latest"]}' });
});
