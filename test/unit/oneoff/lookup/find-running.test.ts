import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { findRunning } from "../../../../src/oneoff/lookup/find-running.ts";
import { lists, ofCompose, ofDokku, oneoffOf } from "../../../support/deployed.ts";
import { fakeContext } from "../../../support/fake-context.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const stopped = { State: "exited", Status: "Exited (0) 3 minutes ago" };

/** How many requests are sent for an app that no container's name has: one by name, and one for all containers. */
const NOT_BY_NAME = 2;

/** @param times the number of requests. */
async function find(word: string, containers: readonly ContainerSummary[], times: number): Promise<unknown> {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  lists(engine, times, containers);
  try {
    return (await findRunning(transport, word, fakeContext())).id;
  } catch (error) {
    return error;
  }
}

describe("a one-off", () => {
  const there = [oneoffOf("my-app"), oneoffOf("my-app", 7365), ofDokku("run.7364", "web")];
  test.each(["run.7364", "7364", "my-app.run.7364"])("finds a one-off by %s", async (word) =>
    expect(await find(word, there, 1)).toBe("id-of-my-app.run.7364"),
  );

  test("finds a one-off that was left running under another name", async () => {
    const left = { ...oneoffOf("my-app"), Names: ["/my-app.run.7364.left"] };
    for (const word of ["run.7364", "my-app.run.7364.left"]) expect(await find(word, [left], 1)).toBe(left.Id);
  });

  test("does not take a missing one-off for an app", async () =>
    expect(await find("run.9999", there, 1)).toMatchObject({ code: "unknown-oneoff" }));

  test("refuses a name that one-offs of two apps have", async () =>
    expect(await find("run.7364", [oneoffOf("a"), oneoffOf("b")], 1)).toMatchObject({
      code: "ambiguous-oneoff",
      message: 'Several one-offs have the name "run.7364": a.run.7364, b.run.7364',
    }));
});

describe("an app", () => {
  const there = [
    ofDokku("my-app", "worker", 1, { Created: 9 }),
    ofDokku("my-app", "web", 1, { Created: 1 }),
    ofDokku("my-app", "web", 2, { Created: 2 }),
    oneoffOf("my-app"),
  ];

  test("selects the newest web process of an app", async () =>
    expect(await find("my-app", there, 1)).toBe("id-of-my-app.web.2"));
  test("selects another process type when web is not running", async () => {
    const [worker, ...webs] = there.slice(0, 3) as [ContainerSummary, ...ContainerSummary[]];
    expect(await find("my-app", [worker, ...webs.map((web) => ({ ...web, ...stopped }))], 1)).toBe(
      "id-of-my-app.worker.1",
    );
  });
  test("selects a process of a type", async () =>
    expect(await find("my-app.worker", there, NOT_BY_NAME + 1)).toBe("id-of-my-app.worker.1"));
  test("selects one process by its container's name", async () =>
    expect(await find("my-app.web.1", there, 1)).toBe("id-of-my-app.web.1"));
  test("finds an app with a dot in its name", async () =>
    expect(await find("my.app.web", [ofDokku("my.app", "web")], NOT_BY_NAME + 1)).toBe("id-of-my.app.web.1"));
  test("finds a Compose service by a unique part of its name", async () => {
    const shop = ofCompose("shop", "web");
    expect(await find("web", [shop], 1)).toBe(shop.Id);
    expect(await find("compose:shop/web", [shop], 1)).toBe(shop.Id);
  });
  test("refuses a name that several running apps have", async () =>
    expect(await find("web", [ofCompose("shop", "web"), ofCompose("blog", "web")], 1)).toMatchObject({
      code: "ambiguous-app",
    }));
  test("selects the only running app of several", async () => {
    const there = [ofCompose("shop", "web"), ofCompose("blog", "web", 1, stopped)];
    expect(await find("web", there, 1)).toBe("id-of-shop-web-1");
  });
});

describe("paused", () => {
  const frozen = { State: "paused", Status: "Up 3 minutes (Paused)" };
  const error = (container: string) => ({
    ...{ code: "paused", message: `${container} is paused`, next: `docker unpause ${container}` },
  });

  test("reports that the only process of an app is paused", async () => {
    const web = ofDokku("my-app", "web", 1, frozen);
    expect(await find("my-app", [web], 1)).toMatchObject(error("my-app.web.1"));
    expect(await find("my-app.web", [web], NOT_BY_NAME + 1)).toMatchObject(error("my-app.web.1"));
    expect(await find("my-app.web.1", [web], 1)).toMatchObject(error("my-app.web.1"));
    expect(await find("web", [ofCompose("shop", "web", 1, frozen)], 1)).toMatchObject(error("shop-web-1"));
  });

  test("selects a running process instead of a paused one", async () => {
    const there = [ofDokku("my-app", "web", 1, frozen), ofDokku("my-app", "worker", 1)];
    expect(await find("my-app", there, 1)).toBe("id-of-my-app.worker.1");
    expect(await find("my-app.worker", there, NOT_BY_NAME + 1)).toBe("id-of-my-app.worker.1");
  });
});

test("finds a one-off by a name that the user set", async () => {
  const named = oneoffOf("my-app", 7364, "migration");
  expect(await find("migration", [named], NOT_BY_NAME + 1)).toBe(named.Id);
});

describe("nothing runs", () => {
  const nothing = (word: string) => ({
    code: "nothing-runs",
    message: `No running container of "${word}"`,
    next: `oneoff ps, or in a new container: oneoff run ${word} …`,
  });
  const web = ofDokku("my-app", "web");
  // Each of them also looks for a one-off with the name.
  test.each([
    ["of an app that is nowhere", "nowhere", [web], NOT_BY_NAME + 1],
    ["of an app that has stopped", "my-app", [{ ...web, ...stopped }], 2],
    ["of a type that the app does not have", "my-app.clock", [web], NOT_BY_NAME + 2],
    ["in a container that has stopped", "my-app.web.1", [{ ...web, ...stopped }], NOT_BY_NAME + 2],
  ])("fails when nothing is running: %s", async (_what, word, there, times) =>
    expect(await find(word, there, times)).toMatchObject(nothing(word)),
  );
});
