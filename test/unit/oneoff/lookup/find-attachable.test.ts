import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { findAttachable } from "../../../../src/oneoff/lookup/find-attachable.ts";
import { alwaysLists, listed, ofCompose, ofOneoff, oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

async function find(containers: readonly ContainerSummary[], word: string, app?: string): Promise<unknown> {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  alwaysLists(engine, containers);
  return await findAttachable(transport, word, app).then(
    ({ id }) => id,
    (error: unknown) => error,
  );
}

const web = ofOneoff("my-app", "web");
const exited = { ...oneoffOf("my-app", 1111), State: "exited", Status: "Exited (0) 3 minutes ago" };

describe("an app", () => {
  test("attaches to its only running one-off, not to its process", async () =>
    expect(await find([web, exited, oneoffOf("my-app"), oneoffOf("blog", 1234)], "my-app")).toBe(
      "id-of-my-app.run.7364",
    ));

  test("attaches to the one-off of an app with a qualified name", async () =>
    expect(await find([ofCompose("shop", "web"), oneoffOf("shop/web")], "compose:shop/web")).toBe(
      "id-of-shop-web.run.7364",
    ));

  test("lists several running one-offs with their commands", async () =>
    expect(await find([oneoffOf("my-app"), oneoffOf("my-app", 8123)], "my-app")).toMatchObject({
      code: "ambiguous-oneoff",
      kind: "usage",
      message: expect.stringMatching(/^my-app has 2 running one-offs:\n {2}run\.7364 {2}\S.*\n {2}run\.8123 {2}\S.*$/),
      next: "oneoff attach -a my-app run.7364",
    }));

  test("names exec if only processes of the app run", async () =>
    expect(await find([web, exited], "my-app")).toMatchObject({
      code: "unknown-oneoff",
      message: "No one-off of my-app is running",
      next: "in a process of the app: oneoff exec my-app …",
    }));

  test("names ps if all one-offs of the app have exited", async () =>
    expect(await find([exited], "my-app")).toMatchObject({
      message: "No one-off of my-app is running",
      next: "oneoff ps --all my-app",
    }));

  test("reports a name that nothing has", async () =>
    expect(await find([web, oneoffOf("my-app")], "my-ap")).toMatchObject({
      code: "unknown-oneoff",
      message: 'No such one-off "my-ap"',
    }));
});

describe("a container that no deployer has labelled", () => {
  const plain = listed("backup");
  test("is attached if its app has no running one-off, or several", async () => {
    expect(await find([plain], "backup")).toBe("id-of-backup");
    expect(await find([plain, oneoffOf("backup"), oneoffOf("backup", 8123)], "backup")).toBe("id-of-backup");
  });

  test("gives precedence to the only one-off of its app", async () =>
    expect(await find([plain, oneoffOf("backup")], "backup")).toBe("id-of-backup.run.7364"));
});

test("looks for a one-off or process of the app that --app names, not for another app", async () => {
  const containers = [web, oneoffOf("my-app"), oneoffOf("blog", 1234)];
  expect(await find(containers, "web.1", "my-app")).toBe("id-of-my-app.web.1");
  expect(await find(containers, "blog", "my-app")).toMatchObject({ message: 'No such one-off "blog" of my-app' });
});
