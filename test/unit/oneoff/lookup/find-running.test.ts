import { describe, expect, test } from "vitest";
import { openTransport } from "../../../../src/engine/transport.ts";
import type { ContainerSummary } from "../../../../src/engine/types.ts";
import { findRunning } from "../../../../src/oneoff/lookup/find-running.ts";
import { lists, ofCompose, ofDokku, oneoffOf } from "../../../support/deployed.ts";
import { fakeEngine } from "../../../support/fake-engine.ts";

const stopped = { State: "exited", Status: "Exited (0) 3 minutes ago" };

/** How often the engine is asked for an app that none of its containers' names has: once, and once per deployer. */
const NOT_BY_NAME = 6;

/** @param times how often the engine is asked. */
async function find(word: string, containers: readonly ContainerSummary[], times: number): Promise<unknown> {
  await using engine = await fakeEngine();
  await using transport = openTransport(() => ({ socketPath: engine.socketPath, from: "--host" }));
  lists(engine, times, containers);
  try {
    return (await findRunning(transport, word)).id;
  } catch (error) {
    return error;
  }
}

describe("a one-off", () => {
  const there = [oneoffOf("my-app"), oneoffOf("my-app", 7365), ofDokku("run.7364", "web")];
  test.each(["run.7364", "7364", "my-app.run.7364"])("is %s", async (word) =>
    expect(await find(word, there, 1)).toBe("id-of-my-app.run.7364"),
  );

  test("that was left has another name in the engine", async () => {
    const left = { ...oneoffOf("my-app"), Names: ["/my-app.run.7364.left"] };
    for (const word of ["run.7364", "my-app.run.7364.left"]) expect(await find(word, [left], 1)).toBe(left.Id);
  });

  test("that there is not is no app of that name", async () =>
    expect(await find("run.9999", there, 1)).toMatchObject({ code: "unknown-oneoff" }));

  test("of two apps is ambiguous", async () =>
    expect(await find("run.7364", [oneoffOf("a"), oneoffOf("b")], 1)).toMatchObject({
      code: "ambiguous-oneoff",
      message: '"run.7364" is the name of several one-offs: a.run.7364, b.run.7364',
    }));
});

describe("an app", () => {
  const there = [
    ofDokku("my-app", "worker", 1, { Created: 9 }),
    ofDokku("my-app", "web", 1, { Created: 1 }),
    ofDokku("my-app", "web", 2, { Created: 2 }),
    oneoffOf("my-app"),
  ];

  test("is its newest web process", async () => expect(await find("my-app", there, 1)).toBe("id-of-my-app.web.2"));
  test("is that of another type, when web does not run", async () => {
    const [worker, ...webs] = there.slice(0, 3) as [ContainerSummary, ...ContainerSummary[]];
    expect(await find("my-app", [worker, ...webs.map((web) => ({ ...web, ...stopped }))], 1)).toBe(
      "id-of-my-app.worker.1",
    );
  });
  test("with a type is a process of that type", async () =>
    expect(await find("my-app.worker", there, NOT_BY_NAME + 1)).toBe("id-of-my-app.worker.1"));
  test("and one container of it is that container", async () =>
    expect(await find("my-app.web.1", there, 1)).toBe("id-of-my-app.web.1"));
  test("may have a dot in its name", async () =>
    expect(await find("my.app.web", [ofDokku("my.app", "web")], NOT_BY_NAME + 1)).toBe("id-of-my.app.web.1"));
  test("of Compose is its service, by as much of its name as is needed", async () => {
    const shop = ofCompose("shop", "web");
    expect(await find("web", [shop], 1)).toBe(shop.Id);
    expect(await find("compose:shop/web", [shop], 1)).toBe(shop.Id);
  });
  test("of several that run is ambiguous", async () =>
    expect(await find("web", [ofCompose("shop", "web"), ofCompose("blog", "web")], 1)).toMatchObject({
      code: "ambiguous-app",
    }));
  test("of several of which one runs is that one", async () => {
    const there = [ofCompose("shop", "web"), ofCompose("blog", "web", 1, stopped)];
    expect(await find("web", there, 1)).toBe("id-of-shop-web-1");
  });
});

describe("paused", () => {
  const frozen = { State: "paused", Status: "Up 3 minutes (Paused)" };
  const error = (container: string) => ({
    ...{ code: "paused", message: `${container} is paused`, next: `docker unpause ${container}` },
  });

  test("is an app of which nothing else runs", async () => {
    const web = ofDokku("my-app", "web", 1, frozen);
    expect(await find("my-app", [web], 1)).toMatchObject(error("my-app.web.1"));
    expect(await find("my-app.web", [web], NOT_BY_NAME + 1)).toMatchObject(error("my-app.web.1"));
    expect(await find("my-app.web.1", [web], 1)).toMatchObject(error("my-app.web.1"));
    expect(await find("web", [ofCompose("shop", "web", 1, frozen)], 1)).toMatchObject(error("shop-web-1"));
  });

  test("is not an app of which another process runs", async () => {
    const there = [ofDokku("my-app", "web", 1, frozen), ofDokku("my-app", "worker", 1)];
    expect(await find("my-app", there, 1)).toBe("id-of-my-app.worker.1");
    expect(await find("my-app.worker", there, NOT_BY_NAME + 1)).toBe("id-of-my-app.worker.1");
  });
});

test("a one-off with a name of its own is known by it", async () => {
  const named = oneoffOf("my-app", 7364, "migration");
  expect(await find("migration", [named], NOT_BY_NAME + 1)).toBe(named.Id);
});

describe("nothing runs", () => {
  const nothing = (word: string) => ({
    code: "nothing-runs",
    message: `Nothing of "${word}" runs that a command could be run in`,
    next: `oneoff ps, or in a fresh container: oneoff run ${word} …`,
  });
  const web = ofDokku("my-app", "web");
  // Each time it is asked for a one-off of such a name, too.
  test.each([
    ["of an app that is nowhere", "nowhere", [web], NOT_BY_NAME + 1],
    ["of an app that has stopped", "my-app", [{ ...web, ...stopped }], 2],
    ["of a type that the app does not have", "my-app.clock", [web], NOT_BY_NAME + 2],
    ["in a container that has stopped", "my-app.web.1", [{ ...web, ...stopped }], NOT_BY_NAME + 2],
  ])("%s", async (_what, word, there, times) => expect(await find(word, there, times)).toMatchObject(nothing(word)));
});
